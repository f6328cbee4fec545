import { describe, expect, it } from 'vitest';
import { type KnownCopy, type KnownMessage, knownMessages } from '../../../src/cli/message/known-message.ts';
import { type VerdictSources, verdictOf } from '../../../src/cli/message/verdict.ts';
import { placeText, whereabouts } from '../../../src/cli/message/whereabouts.ts';
import { instant } from '../../../src/core/base/time.ts';
import type { TextSight } from '../../../src/core/im/find-texts.ts';
import type { PartState } from '../../../src/core/im/open-text.ts';
import { type Step, textId } from '../../../src/core/im/text.ts';
import { messageId } from '../../../src/core/message/message.ts';
import type { SlotView } from '../../../src/core/store/ring-view.ts';

const now = Date.UTC(2026, 10, 23, 12, 0, 0);
const at = now - 60_000;
const phone = '+358401234567';
const running: VerdictSources['dirs'] = [
  { stateDir: 'im', role: 'im-server', state: 'running' },
  { stateDir: 'buffer', role: 'buffer', state: 'running' },
];
const up: VerdictSources['links'][number] = { smscId: 'hel1', side: 'buffer', state: 'up', since: at, rttMs: 200 };
const refused = 'connection refused (ECONNREFUSED)';
const down: VerdictSources['links'] = [
  { smscId: 'hel1', side: 'im-server', state: 'down', since: at, reason: 'closed by the other end' },
  { smscId: 'hel1', side: 'buffer', state: 'down', since: at, reason: refused },
];

interface Sample {
  /** Of each part: what the IM server has of it, and the status of the copies. */
  readonly parts: readonly (readonly [
    state: PartState | undefined,
    imServer?: SlotView['status'],
    buffer?: SlotView['status'],
  ])[];
  readonly step?: Step;
  readonly state?: 'open' | 'closed';
  readonly reports?: 'final' | 'none';
}

const waiting: PartState = { type: 'waiting' };
const accepted: PartState = { type: 'accepted', stamp: '261123120000', notice: undefined };

function toHandset({ parts, step = 'stored', state = 'open', reports = 'final' }: Sample): KnownMessage {
  const id = textId('01a20667-d504-7149-85ae-b50f72f09877');
  const copies = (index: number): KnownCopy[] => {
    const [, imServer, buffer] = parts[index] ?? [];
    return (
      [
        ['im-server', imServer],
        ['buffer', buffer],
      ] as const
    ).flatMap(([side, status]): KnownCopy[] =>
      status === undefined ? [] : [{ smscId: 'hel1', side, lane: 'mt', view: slot(index, status) }],
    );
  };
  const sight: TextSight = {
    user: 'alice',
    view: {
      ...{ id, direction: 'out', peer: phone, text: 'hello', at: instant(at), order: 1, position: 1, step },
      ...{ reason: undefined, cid: 'c', parts: parts.length, marks: [] },
    },
    trail: {
      ...{ direction: 'out', smscId: 'hel1', tried: [], validUntil: instant(now + 1e6), reports },
      reached: [{ step: 'stored', at: instant(at) }],
      parts: parts.map(([partState = waiting], i) => ({
        ...{ messageId: messageId(`m${i}`), destination: phone, stamp: '', state: partState },
      })),
    },
    state,
    isRead: false,
  };
  const rings = (['im-server', 'buffer'] as const).map((side) => ({
    ...({ smscId: 'hel1', side, lane: 'mt', end: 'producer', size: 255 } as const),
    slots: parts.flatMap((_, i) => copies(i).filter((copy) => copy.side === side)).map(({ view }) => view),
  }));
  const [message] = knownMessages({ texts: [sight], rings }, { id, limit: 10 });
  if (message === undefined) throw new Error('the message is known');
  return message;
}

function slot(index: number, status: SlotView['status']): SlotView {
  const attempts = status === 'placed' || status === 'mirrored' ? 0 : 1;
  return {
    slot: index + 1,
    seq: index + 1,
    status,
    attempts,
    possibleDuplicate: false,
    messageId: `m${index}`,
    movedAt: at,
  };
}

function said(sample: Sample, links: VerdictSources['links'] = [up], dirs = running): string {
  const message = toHandset(sample);
  const where = whereabouts(message);
  const { state, words } = verdictOf(message, where, { dirs, links, handset: undefined, now });
  return `${placeText(where, message.smscId)} | ${state} | ${words}`;
}

describe('where a message is, and why', () => {
  it('waits in the outbox or the ring of the IM server while the link is down, for the reason of the end that dials', () => {
    const why = expect.stringMatching(
      /waits at the IM server: the link to hel1 has been down since .* \(connection refused/,
    );
    expect(said({ parts: [[waiting]] }, down)).toEqual(expect.stringContaining('IM server, outbox | stuck | '));
    expect(said({ parts: [[waiting]] }, down)).toEqual(why);
    expect(said({ parts: [[waiting, 'placed']] }, down)).toEqual(why);
    expect(said({ parts: [[waiting, 'placed']] }, down)).toMatch(/^IM server, mt slot 1 \|/);
  });

  it('is on its way where the link is up', () => {
    expect(said({ parts: [[waiting, 'placed']] })).toContain(
      'under-way | is on its way over the link, which is up (round trip 200 ms)',
    );
  });

  it('waits for a role that does not run, and says how to start it', () => {
    const stopped = running.map((dir) => ({ ...dir, state: 'stopped' as const }));
    const message = toHandset({ parts: [[waiting, 'placed', 'mirrored']] });
    const where = whereabouts(message);
    const verdict = verdictOf(message, where, { dirs: stopped, links: [], handset: undefined, now });
    expect(verdict).toMatchObject({ state: 'stuck', words: 'waits at the buffer, which is not running' });
    expect(verdict.advice).toContain('ringbridge buffer start --state-dir buffer');
  });

  it('waits at the buffer for its turn, or for a session with the SMSC', () => {
    expect(said({ parts: [[waiting, 'placed', 'mirrored']] })).toBe(
      'buffer, mt slot 1 | under-way | waits at the buffer for its turn with hel1',
    );
    const session = { state: 'down', since: at, code: 'SESSION_LOGIN_REFUSED', refusedWith: 100 } as const;
    expect(said({ parts: [[waiting, 'mirrored', 'mirrored']] }, [{ ...up, session }])).toMatch(
      /stuck \| waits at the buffer: its session with hel1 has been down since .* \(SESSION_LOGIN_REFUSED, login refused with 100\)/,
    );
  });

  it('is in doubt by the copy that knows more, and names the slot to decide about', () => {
    const sample: Sample = { parts: [[waiting, 'mirrored', 'in-doubt']] };
    expect(said(sample)).toMatch(/^in doubt at hel1, mt slot 1 \| stuck \| has been in doubt since/);
    const message = toHandset(sample);
    const sources = { dirs: running, links: [up], handset: undefined, now };
    expect(verdictOf(message, whereabouts(message), sources).advice).toContain('ring resolve 1 --as sent|not-sent');
  });

  it('in doubt, waits for whom the policy in force says: for the buffer, or for a decision', () => {
    const message = toHandset({ parts: [[waiting, 'mirrored', 'in-doubt']] });
    const under = (inDoubt: 'resend' | 'hold') => {
      const dirs = running.map((dir) => (dir.role === 'buffer' ? { ...dir, inDoubt } : dir));
      return verdictOf(message, whereabouts(message), { dirs, links: [up], handset: undefined, now });
    };
    const again = 'Nothing: the buffer runs with --in-doubt resend, and sends it again, marked, once it is logged in.';
    expect(under('resend')).toMatchObject({ state: 'under-way', advice: again });
    const decide = 'ringbridge ring resolve 1 --as sent|not-sent --state-dir buffer';
    const held = `The buffer runs with --in-doubt hold and waits for a decision: ${decide}`;
    expect(under('hold')).toMatchObject({ state: 'stuck', advice: held });
  });

  it('of a long text is where the part is that is furthest behind, a failed one before all', () => {
    const behind: Sample = {
      parts: [
        [accepted, 'settled', 'settled'],
        [waiting, 'placed', 'mirrored'],
        [waiting, 'placed'],
      ],
    };
    expect(said(behind)).toMatch(/^IM server, mt slot 3 \(part 3 of 3\) \| under-way \| part 3 of 3 is on its way/);
    const failed: PartState = { type: 'failed', reason: { words: 'the number is not valid', code: '900:300' } };
    expect(
      said({
        parts: [
          [waiting, 'placed'],
          [failed, 'settled', 'settled'],
        ],
      }),
    ).toMatch(/^ended \(part 2 of 2\)/);
  });

  it('at the SMSC waits for its report, or for nothing where none are sent', () => {
    const parts: Sample['parts'] = [[accepted, 'settled', 'settled']];
    expect(said({ parts, step: 'accepted' })).toContain('under-way | has been at hel1 since');
    expect(said({ parts, step: 'accepted', state: 'closed', reports: 'none' })).toContain(
      'which sends no reports: nothing more is learned of it',
    );
  });

  it('is settled on the handset, and where it failed with the reason', () => {
    expect(
      said({ parts: [[{ type: 'delivered' }, 'settled', 'settled']], step: 'delivered', state: 'closed' }),
    ).toContain('on the handset | settled | has been on the handset since');
    expect(said({ parts: [[waiting]], step: 'failed', state: 'closed' })).toMatch(/^ended \| settled \| ended at/);
  });
});

describe('one text that was read twice', () => {
  it('is one message, and no text between users', () => {
    const { sight } = toHandset({ parts: [[{ type: 'delivered' }]], step: 'delivered', state: 'closed' });
    if (sight === undefined) throw new Error('it has a text');
    const found = knownMessages({ texts: [sight, sight], rings: [] }, { limit: 10 });
    expect(found.map(({ way, others }) => [way, others])).toEqual([['mt', []]]);
    const received: TextSight = {
      ...{ ...sight, user: 'bob', trail: undefined },
      view: { ...sight.view, direction: 'in', peer: 'alice' },
    };
    const local = knownMessages({ texts: [received, { ...sight, trail: undefined }], rings: [] }, { limit: 10 });
    expect(local.map(({ way, from, others }) => [way, from, others.length])).toEqual([['local', 'alice', 1]]);
  });
});

describe('a message that only rings know of', () => {
  const view: SlotView = {
    ...{ slot: 7, seq: 262, status: 'placed', attempts: 0, possibleDuplicate: false, messageId: 'm9', movedAt: at },
    message: { kind: 'text', from: phone, to: '28820001', content: 'hello there', createdAt: at, validUntil: now },
  };
  const rings = [{ smscId: 'hel1', side: 'buffer', lane: 'mo', end: 'producer', size: 255, slots: [view] } as const];

  it('is found by what its short message says, and is on its way to the IM server', () => {
    for (const question of [{ number: phone.slice(1) }, { number: '28820001' }, { text: 'HELLO' }, { id: 'm9' }]) {
      const [message] = knownMessages({ texts: [], rings }, { ...question, limit: 10 });
      if (message === undefined) throw new Error(`not found by ${JSON.stringify(question)}`);
      expect(placeText(whereabouts(message), 'hel1')).toBe('buffer, mo slot 7');
    }
    for (const question of [{ number: '+1' }, { text: 'bye' }, { user: 'alice' }, { since: now }, { id: 'm8' }]) {
      expect(knownMessages({ texts: [], rings }, { ...question, limit: 10 })).toEqual([]);
    }
  });

  it('waits for the other parts of its text once it is stored', () => {
    const part = { reference: 1, index: 1, count: 2 };
    const outcome = { status: 'confirmed', stamp: '', errorCode: 0, by: 'answer' } as const;
    if (view.message === undefined) throw new Error('it is there');
    const stored: SlotView = { ...view, status: 'settled', outcome, message: { ...view.message, part } };
    const ring = { smscId: 'hel1', side: 'buffer', lane: 'mo', end: 'producer', size: 255, slots: [stored] } as const;
    const [message] = knownMessages({ texts: [], rings: [ring] }, { id: 'm9', limit: 1 });
    expect(message && whereabouts(message).place).toBe('joining');
  });
});
