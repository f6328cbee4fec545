import { describe, expect, it } from 'vitest';
import { judgeRecords, type Records } from '../../../src/cli/demo/records.ts';
import type { Conversation } from '../../../src/cli/demo/traffic.ts';

const alice: Conversation = { name: 'alice +111', user: 'alice', handset: '+111', userNumber: '28820001' };
const bob: Conversation = { name: 'bob +111', user: 'bob', handset: '+111', userNumber: '28820002' };
const plan = {
  mt: [
    { conversation: alice, text: 'mt 1' },
    { conversation: alice, text: 'mt 2' },
  ],
  mo: [{ conversation: bob, text: 'mo 1' }],
};

type History = NonNullable<ReturnType<Records['histories']['get']>>[number];

function out(text: string, more: Partial<History> = {}): History {
  return { direction: 'out', peer: '+111', text, marks: [], step: 'delivered', ...more };
}

function judge(mt: readonly string[], alices: readonly History[], inDoubt: 'resend' | 'hold' = 'resend') {
  const mo: History = { direction: 'in', peer: '111', text: 'mo 1', marks: [], step: 'stored' };
  return judgeRecords(
    {
      inboxes: new Map([['+111', mt.map((text) => ({ from: '28820001', text }))]]),
      histories: new Map([
        ['alice', alices],
        ['bob', [mo]],
      ]),
    },
    plan,
    [alice, bob],
    inDoubt,
  );
}

describe('judging the records of the far ends', () => {
  it('finds each text where it belongs, with or without a plus before the number', () => {
    const { mt, mo } = judge(['mt 1', 'mt 2'], [out('mt 1'), out('mt 2')]);
    expect(mt.result).toEqual({ sent: 2, arrived: 2, lost: 0, doubled: 0, doubledMarked: 0, inDoubt: 0 });
    expect(mo.result).toEqual({ sent: 1, arrived: 1, lost: 0, doubled: 0, doubledMarked: 0, inDoubt: 0 });
  });

  it('forgives a second copy only where the IM server told the sender of it', () => {
    const twice = ['mt 1', 'mt 1', 'mt 2'];
    expect(judge(twice, [out('mt 1'), out('mt 2')]).mt.result).toMatchObject({ doubled: 1, doubledMarked: 0 });
    const told = [out('mt 1', { marks: ['possible-duplicate'] }), out('mt 2')];
    expect(judge(twice, told).mt.result).toMatchObject({ doubled: 0, doubledMarked: 1, inDoubt: 1 });
  });

  it('does not call a message lost that is held in doubt, but does where it should have been sent again', () => {
    const held = [out('mt 1'), out('mt 2', { step: 'unknown' })];
    expect(judge(['mt 1'], held, 'hold').mt.result).toMatchObject({ sent: 2, arrived: 1, lost: 0, inDoubt: 1 });
    expect(judge(['mt 1'], held, 'resend').mt.result).toMatchObject({ lost: 1 });
    expect(judge(['mt 1'], [out('mt 1'), out('mt 2')], 'hold').mt.result).toMatchObject({ lost: 1 });
  });

  it('takes a text from the wrong sender as lost', () => {
    const records: Records = {
      inboxes: new Map([
        [
          '+111',
          [
            { from: '28820002', text: 'mt 1' },
            { from: '28820001', text: 'mt 2' },
          ],
        ],
      ]),
      histories: new Map(),
    };
    const { mt } = judgeRecords(records, { mt: plan.mt, mo: [] }, [alice, bob], 'resend');
    expect(mt.result).toMatchObject({ arrived: 1, lost: 1 });
    expect(mt.judgement.strangerCount).toBe(1);
  });
});
