/**
 * Bugs of ours: what must never be. It stops the machine in which it is found before anything of that input is told or
 * written; the store brings the machine back (docs/decisions, 0010).
 */

/** What is known of the place, for the log: never message text, passwords or whole phone numbers. */
export type InvariantContext = Readonly<Record<string, string | number>>;

export class InvariantError extends Error {
  override readonly name = 'InvariantError';
  readonly context: InvariantContext;

  constructor(statement: string, context: InvariantContext = {}) {
    super(statement);
    this.context = context;
  }
}

/** @param context asked only where it does not hold */
export function invariant(holds: boolean, statement: string, context?: () => InvariantContext): asserts holds {
  if (!holds) throw new InvariantError(statement, context?.());
}

/** Closes a `switch` over a union: a new kind is then a compile error. */
export function assertNever(value: never): never {
  throw new InvariantError(`unhandled kind: ${nameOf(value)}`);
}

/** Not the whole value: it may hold what nobody should read in a log. */
function nameOf(value: unknown): string {
  const isTyped = typeof value === 'object' && value !== null && 'type' in value;
  return isTyped ? String(value.type) : typeof value === 'string' ? value : typeof value;
}
