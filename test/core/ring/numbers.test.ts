import { expect, it } from 'vitest';
import { numbersText } from '../../../src/core/ring/numbers.ts';

it.each([
  [[], ''],
  [[5], '5'],
  [[8, 5, 7, 9, 7], '5, 7–9'],
  [[1, 2, 4, 5, 6], '1, 2, 4–6'],
])('lists the numbers of %j in order and joins runs of three', (numbers, text) => {
  expect(numbersText(numbers)).toBe(text);
});
