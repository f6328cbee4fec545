import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from '../../src/cli/nearest.ts';

describe('nearest', () => {
  it.each([
    ['smcs', 'smsc'],
    ['pasword-file', 'password-file'],
    ['ring size', 'ring-size'],
    ['password', 'password-file'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, ['user', 'password-file', 'smsc', 'ring-size'])).toBe(meant);
  });

  it('guesses nothing when the word is like none of them', () => {
    expect(nearest('frobnicate', ['user', 'smsc', 'json'])).toBeUndefined();
  });

  it('counts a swap of neighbours as one edit', () => {
    expect(editDistance('smcs', 'smsc')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });
});
