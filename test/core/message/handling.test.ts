/** What a message wants of the handset: classes and icons, from coding scheme and header. */
import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import { contentOfPart, dataCodingOf, messageClassOf, waitingOf } from '../../../src/core/message/handling.ts';
import { splitText } from '../../../src/core/message/split.ts';
import { bytesOf } from '../codec/vectors.ts';
import { textContent } from './messages.ts';

const none = new Uint8Array();
const report = { digits: '260131120000', at: instant(0) };

describe('classes (7.6)', () => {
  it('go from the split to every part, flash as flash', () => {
    for (const [messageClass, dataCoding] of [
      [undefined, 0],
      [0, 16],
      [1, 17],
      [2, 18],
      [3, 19],
    ] as const) {
      const split = splitText('a'.repeat(161), {
        reference: 1,
        ...(messageClass === undefined ? {} : { messageClass }),
      });
      if (!split.ok) throw new Error(split.fault.message);
      for (const part of split.value.parts) {
        const content = contentOfPart(part);
        expect(messageClassOf(content)).toBe(messageClass);
        expect(content.flash).toBe(messageClass === 0);
        expect(dataCodingOf(content)).toBe(dataCoding);
      }
    }
  });

  it('are read from octets too, and a status report has none', () => {
    expect(messageClassOf({ type: 'binary', bytes: none, dataCoding: 245 })).toBe(1);
    expect(messageClassOf({ type: 'binary', bytes: none, dataCoding: 4 })).toBeUndefined();
    const status = { destination: '1', stamp: report, status: 4, error: undefined, dischargedAt: report };
    expect(messageClassOf({ type: 'status-report', report: status })).toBeUndefined();
    expect(dataCodingOf({ type: 'status-report', report: status })).toBeUndefined();
  });
});

describe('what waits (TS 23.038 section 4)', () => {
  it('is told by the coding scheme', () => {
    const content = { ...textContent('x'), dataCoding: 0xd9 } as const;
    expect(waitingOf({ content, header: none })).toEqual([{ kind: 'fax', state: 'active', text: 'store' }]);
    expect(waitingOf({ content: textContent('x'), header: none })).toEqual([]);
  });

  it('is told by the header before the coding scheme', () => {
    const content = { ...textContent('x'), dataCoding: 0xd9 } as const;
    expect(waitingOf({ content, header: bytesOf('0401028002') })).toEqual([
      { kind: 'voice-mail', state: 'active', text: 'store', count: 2, profile: 1 },
    ]);
    expect(waitingOf({ content, header: bytesOf('0101') })).toHaveLength(1);
  });
});
