/** The short names by which people call CIMD2 operations in a scenario. Source: docs/reference/cimd2.md section 2.1. */

const codesByName: Readonly<Record<string, number>> = {
  login: 1,
  logout: 2,
  submit: 3,
  enquire: 4,
  'delivery-request': 5,
  cancel: 6,
  set: 8,
  get: 9,
  deliver: 20,
  report: 23,
  alive: 40,
  'general-error': 98,
  nack: 99,
};

export const operationNames: readonly string[] = Object.keys(codesByName);

/**
 * Wire codes that may be meant, the likeliest first: a name and a request's code stand for the request, or for its
 * answer where only that passes. Empty where it is no operation.
 */
export function operationCodes(word: unknown): readonly number[] {
  const code = typeof word === 'number' ? word : typeof word === 'string' ? codeOf(word) : undefined;
  if (code === undefined || !Number.isInteger(code) || code < 1 || code > 99) return [];
  return code < 50 ? [code, code + 50] : [code];
}

function codeOf(word: string): number | undefined {
  return /^\d{1,2}$/.test(word) ? Number(word) : codesByName[word];
}
