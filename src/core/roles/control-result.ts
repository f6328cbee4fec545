/** How a role answers what an operator asked of it over the control socket. */
import type { ErrorCode } from '../base/errors.ts';

export type ControlResult =
  | { readonly type: 'done' }
  /** One for each message, in their order. */
  | { readonly type: 'handed-in'; readonly results: readonly HandInResult[] }
  | { readonly type: 'refused'; readonly code: ErrorCode; readonly message: string };

/**
 * What became of a message that only a retired store held: stored for its addressee, known already, refused since it is
 * for nobody or blocked; `unreadable` stays where it is.
 */
export type HandInResult = 'stored' | 'known' | 'refused' | 'unreadable';
