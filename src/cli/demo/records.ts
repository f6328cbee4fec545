/**
 * What the far ends hold when all is over, and what that says of the traffic: the inboxes of the SMSC's handsets for mt,
 * the store of the IM server for mo and for the marks of doubt. No role is believed about itself.
 */
import { OperatorError } from '../../core/base/errors.ts';
import type { TextView } from '../../core/im/text.ts';
import type { InboxItem } from '../../core/roles/smsc/smsc-io.ts';
import { callControl } from '../../shell/control-client.ts';
import { readImRecords } from './im-records.ts';
import { type ArrivedText, type Judgement, judgeArrivals, type SentText, type Tally } from './tally.ts';
import type { Conversation, PlannedText } from './traffic.ts';
import { handsets, type World } from './world.ts';

export interface Records {
  /** By handset, in order of arrival. */
  readonly inboxes: ReadonlyMap<string, readonly Pick<InboxItem, 'from' | 'text'>[]>;
  /** By user, in the order of the user's history. */
  readonly histories: ReadonlyMap<string, readonly Pick<TextView, 'direction' | 'peer' | 'text' | 'marks' | 'step'>[]>;
}

export interface Plan {
  readonly mt: readonly PlannedText[];
  readonly mo: readonly PlannedText[];
}

export interface LaneResult extends Tally {
  /** Texts whose fate was unknown for a time: sent again and marked, or (with hold) still unknown; in mo, stored again. */
  readonly inDoubt: number;
}

export interface JudgedLane {
  readonly result: LaneResult;
  readonly judgement: Judgement;
}

export async function readRecords(world: World): Promise<Records> {
  const inboxes = new Map<string, readonly InboxItem[]>();
  for (const number of handsets) {
    const call = `GET /handset?number=${encodeURIComponent(number)}` as const;
    const answer = await callControl(world.dirs.smsc, call).catch(nobodyIfBadRequest);
    // Our own process, of this very version.
    inboxes.set(number, (answer as { readonly inbox: readonly InboxItem[] }).inbox);
  }
  const histories = new Map<string, readonly TextView[]>();
  for (const user of world.users) histories.set(user.name, await readImRecords(world.imUrl, user));
  return { inboxes, histories };
}

/** @param inDoubt under `hold` a message in doubt is not lost but undecided: nobody may send it again by himself */
export function judgeRecords(
  { inboxes, histories }: Records,
  plan: Plan,
  conversations: readonly Conversation[],
  inDoubt: 'resend' | 'hold',
): { readonly mt: JudgedLane; readonly mo: JudgedLane } {
  const nameOf = (user: string, handset: string): string =>
    conversations.find((one) => one.user === user && digits(one.handset) === digits(handset))?.name ??
    `${user} ${handset}`;
  const userOf = (number: string): string => conversations.find((one) => one.userNumber === number)?.user ?? number;
  const doubtful = new Set<string>();
  const mo: ArrivedText[] = [];
  for (const [user, texts] of histories) {
    for (const { direction, peer, text, marks, step } of texts) {
      const conversation = nameOf(user, peer);
      if (direction === 'in') {
        mo.push({ text, conversation, mark: marks.includes('repeated') ? 'marked' : 'unmarked' });
      } else if (marks.includes('possible-duplicate') || step === 'unknown') {
        doubtful.add(keyOf({ conversation, text }));
      }
    }
  }
  const mt = [...inboxes].flatMap(([handset, items]) =>
    items.map(({ from, text }): ArrivedText => {
      const conversation = nameOf(userOf(from), handset);
      return { text, conversation, mark: doubtful.has(keyOf({ conversation, text })) ? 'marked' : 'unmarked' };
    }),
  );
  const there = new Set(mt.map(keyOf));
  const expected = asSent(plan.mt).filter(
    (text) => inDoubt === 'resend' || there.has(keyOf(text)) || !doubtful.has(keyOf(text)),
  );
  const mtJudgement = judgeArrivals(expected, mt);
  const moJudgement = judgeArrivals(asSent(plan.mo), mo);
  const repeated = mo.filter(({ mark }) => mark === 'marked').length;
  return {
    mt: {
      judgement: mtJudgement,
      result: { ...mtJudgement.tally, sent: plan.mt.length, inDoubt: doubtful.size },
    },
    mo: { judgement: moJudgement, result: { ...moJudgement.tally, inDoubt: repeated } },
  };
}

function asSent(texts: readonly PlannedText[]): readonly SentText[] {
  return texts.map(({ conversation, text }) => ({ conversation: conversation.name, text }));
}

function keyOf({ conversation, text }: Pick<SentText, 'conversation' | 'text'>): string {
  return `${conversation}\n${text}`;
}

function digits(number: string): string {
  return number.replace(/^\+/, '');
}

/** A handset that nobody wrote to does not exist. */
function nobodyIfBadRequest(error: unknown): object {
  if (error instanceof OperatorError && error.code === 'CONTROL_BAD_REQUEST') return { inbox: [] };
  throw error;
}
