/**
 * Judges what arrived against what was sent, text by text: lost, doubled, out of order. Plain functions over lists; where
 * the lists come from is not known here.
 */

/** A text as it was handed in. No two are equal. */
export interface SentText {
  readonly text: string;
  /** Who writes to whom: order holds within it. */
  readonly conversation: string;
}

/** A text as the far end's own records show it. */
export interface ArrivedText {
  readonly text: string;
  readonly conversation: string;
  readonly mark: 'marked' | 'unmarked';
}

export interface Tally {
  readonly sent: number;
  /** Different texts of those sent. */
  readonly arrived: number;
  readonly lost: number;
  /** Copies beyond the first that nobody was warned of. */
  readonly doubled: number;
  readonly doubledMarked: number;
}

export interface Judgement {
  readonly tally: Tally;
  /** `ordered`: within each conversation the first copies came in the order in which they were sent. */
  readonly order: 'ordered' | 'disordered';
  /** Texts that nobody sent, or not to there. */
  readonly strangerCount: number;
  /** The first few things wrong, for people. */
  readonly complaints: readonly string[];
}

const complaintLimit = 20;

/** @param arrived in order of arrival within each conversation */
export function judgeArrivals(sent: readonly SentText[], arrived: readonly ArrivedText[]): Judgement {
  const complaints: string[] = [];
  const complain = (text: string): void => {
    if (complaints.length < complaintLimit) complaints.push(text);
  };
  const places = new Map(sent.map((one, place) => [keyOf(one), place]));
  const seen = new Set<string>();
  const lastPlace = new Map<string, number>();
  let doubled = 0;
  let doubledMarked = 0;
  let strangerCount = 0;
  let order: Judgement['order'] = 'ordered';
  for (const one of arrived) {
    const key = keyOf(one);
    const place = places.get(key);
    if (place === undefined) {
      strangerCount += 1;
      complain(`never sent: "${one.text}" (${one.conversation})`);
      continue;
    }
    if (seen.has(key)) {
      if (one.mark === 'marked') doubledMarked += 1;
      else {
        doubled += 1;
        complain(`doubled: "${one.text}" (${one.conversation})`);
      }
      continue;
    }
    seen.add(key);
    const last = lastPlace.get(one.conversation) ?? -1;
    if (place < last) {
      order = 'disordered';
      complain(`out of order: "${one.text}" (${one.conversation}) came after "${sent[last]?.text}"`);
    }
    lastPlace.set(one.conversation, Math.max(last, place));
  }
  for (const one of sent) if (!seen.has(keyOf(one))) complain(`lost: "${one.text}" (${one.conversation})`);
  const tally = {
    sent: sent.length,
    arrived: seen.size,
    lost: sent.length - seen.size,
    doubled,
    doubledMarked,
  };
  return { tally, order, strangerCount, complaints };
}

function keyOf({ conversation, text }: Pick<SentText, 'conversation' | 'text'>): string {
  return `${conversation}\n${text}`;
}
