/** How a role answers what an operator asked of it over the control socket. */
import type { ErrorCode } from '../base/errors.ts';

export type ControlResult =
  | { readonly type: 'done' }
  | { readonly type: 'refused'; readonly code: ErrorCode; readonly message: string };
