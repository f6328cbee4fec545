/** Questions of an operator that a machine answers by an output: remembered until it does. */
import { OperatorError } from '../core/base/errors.ts';
import type { ControlResult } from '../core/roles/control-result.ts';

const hints: Partial<Record<string, string>> = {
  LINK_UNREACHABLE: 'Wait until the link is up, or see why it is not: `ringbridge ring inspect --map` shows it.',
  LINK_UNKNOWN_SMSC: 'Name one of the SMSC ids of this IM server with --smsc-id.',
  RING_SLOT_NOT_IN_DOUBT:
    'Only a message in doubt needs a decision: `ringbridge ring inspect --status in-doubt` lists them.',
  SYNC_CHANGED: 'Run it again: what is held now is exported then.',
  STORE_NOT_RETIRED:
    'Start the buffer with that directory: both ends compare, and what it holds comes over the link. If another buffer has taken over, it is refused and retired then; hand in what it holds after that.',
  RING_SLOT_EMPTY: 'See `ringbridge ring inspect` for the slots in use.',
};

export class ControlAsks {
  readonly #waiting = new Map<number, (result: ControlResult) => void>();
  #last = 0;

  /** @param give hands the machine an input with this reference */
  ask(give: (ref: number) => void): Promise<Exclude<ControlResult, { readonly type: 'refused' }>> {
    this.#last += 1;
    const ref = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(ref, (result) => {
        if (result.type !== 'refused') return resolve(result);
        const { code, message } = result;
        const hint = hints[code] ?? 'See docs/errors.md.';
        const isAway = code === 'LINK_UNREACHABLE';
        const retryable = isAway || code === 'SYNC_CHANGED';
        reject(new OperatorError({ code, message, hint, exitStatus: isAway ? 5 : 3, retryable }));
      });
      give(ref);
    });
  }

  answer(ref: number, result: ControlResult): void {
    const settle = this.#waiting.get(ref);
    this.#waiting.delete(ref);
    settle?.(result);
  }
}

/** One field of a request's JSON body that must be a text. */
export function textField(body: unknown, name: string): string {
  const value = fieldOf(body, name);
  if (typeof value === 'string') return value;
  throw badRequest(name, 'a text');
}

export function numberField(body: unknown, name: string): number {
  const value = fieldOf(body, name);
  if (typeof value === 'number') return value;
  throw badRequest(name, 'a number');
}

/** `as` of a decision about a message in doubt. */
export function decisionField(body: unknown): 'sent' | 'not-sent' {
  const value = fieldOf(body, 'as');
  if (value === 'sent' || value === 'not-sent') return value;
  throw badRequest('as', '`sent` or `not-sent`');
}

function fieldOf(body: unknown, name: string): unknown {
  // An object without that property gives undefined, which no caller takes.
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
}

/** @param wanted goes on after *that is* */
export function badRequest(name: string, wanted: string): OperatorError {
  return new OperatorError({
    code: 'CONTROL_BAD_REQUEST',
    message: `The request has no \`${name}\` that is ${wanted}.`,
    hint: 'Use the ringbridge of the same version to ask.',
  });
}
