/** Bugs of ours: what must never be, and stops the process where it is found. The store brings us back. */

export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export function invariant(holds: boolean, statement: string): asserts holds {
  if (!holds) throw new InvariantError(statement);
}

/** Closes a `switch` over a union: a new kind is then a compile error. */
export function assertNever(value: never): never {
  throw new InvariantError(`unhandled kind: ${JSON.stringify(value)}`);
}
