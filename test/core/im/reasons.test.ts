// What a sender reads of a text that failed: what happened, and what to do.
import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/core/base/time.ts';
import { statusCodes, statusErrors } from '../../../src/core/codec/status-codes.ts';
import { reasonOfRefusal, reasonOfReport, reasonWords } from '../../../src/core/im/reasons.ts';
import { viewFrom, viewValue } from '../../../src/core/im/records.ts';
import { type TextView, textId } from '../../../src/core/im/text.ts';

const delivered = 4;
const finals = statusCodes.filter(({ code, isFinal }) => isFinal && code !== delivered).map(({ code }) => code);
const temporaries = statusCodes.filter(({ isFinal }) => !isFinal).map(({ code }) => code);

describe('the reason of a failed text', () => {
  it('says what happened once, and what to do (reference 8.2, 8.3)', () => {
    expect(reasonWords(reasonOfReport(3, 1))).toBe(
      'the network does not know this number (061:3 062:1). Check the number.',
    );
    expect(reasonWords(reasonOfReport(3, undefined))).toBe(
      'the SMSC could not bring it to the phone (061:3). Try again later.',
    );
    expect(reasonWords(reasonOfReport(2, 29))).toBe(
      'its time was over before it could be brought to the phone: the phone is off or out of reach (061:2 062:29). Try again later.',
    );
    expect(reasonWords(reasonOfRefusal(300))).toBe('the number is not valid (900:300). Check the number.');
  });

  it.each(finals)('has advice for every error that a report with 061 = %d can carry (reference 8.2, 8.3)', (status) => {
    for (const { code } of [...statusErrors, { code: 999 }, { code: undefined }]) {
      const { words, advice } = reasonOfReport(status, code);
      expect(advice).toMatch(/^[A-Z].*\.$/);
      // "Failed:" stands in front of it already.
      expect(words).not.toMatch(/fail.*fail|^delivery failed|\.$/);
    }
  });

  it.each(temporaries)('has no advice while 061 = %d is not the last word (reference 8.2)', (status) => {
    expect(reasonOfReport(status, 29)).toMatchObject({ words: expect.stringMatching(/: the phone is off/) });
    expect(reasonOfReport(status, 29).advice).toBeUndefined();
  });

  it('is kept with its advice, and read from a store that has none', () => {
    const reason = reasonOfRefusal(300);
    const view: TextView = {
      ...{ id: textId('00000000-0000-7000-8000-000000000001'), direction: 'out', peer: '+358401', text: 'x' },
      ...{ at: instant(0), order: 1, position: 1, step: 'failed', reason, cid: 'c', parts: 1, marks: [] },
    };
    expect(viewFrom(viewValue(view)).reason).toEqual(reason);
    const { advice: _, ...older } = reason;
    expect(viewFrom(viewValue({ ...view, reason: older })).reason).toEqual(older);
  });
});
