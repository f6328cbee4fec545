/** How the page names the other party, without a browser. */
import { describe, expect, it } from 'vitest';
// @ts-expect-error: the page is JavaScript, for browsers
import { partyOf } from '../../../src/gateways/web/page/peer.js';

describe('the name of a sender', () => {
  it.each([
    ['MyBank', 'MyBank'],
    ['بنك مصر', 'بنك مصر'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['Bank\u202egnp.exe', 'Bank\ufffdgnp.exe'],
    ['a\nb\tc', 'a\ufffdb\ufffdc'],
    ['my\u200bbank', 'my\ufffdbank'],
    ['\u200b\u2060 \u200e', 'without a visible name'],
    ['\u0301\u0316', 'without a visible name'],
    ['', 'without a visible name'],
  ])('%j is shown as %j', (name, shown) => {
    expect(partyOf(`"${name}"`)).toEqual({ kind: 'sender', name: shown });
  });
});
