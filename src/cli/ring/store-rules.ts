/** What must hold of the rings as they are kept on disk, slot by slot, and of stores that met. Pure. SPEC: DESIGN sections 2 to 4. */
import type { StorePosition } from '../../core/ring/digest.ts';
import { slotOf } from '../../core/ring/sequence.ts';
import type { SlotCopy } from '../../core/ring/slot.ts';
import { isOutcome, isUnfinished } from '../../core/ring/status.ts';
import type { MessageBytes } from '../../core/roles/message-bytes.ts';
import type { LaneOnDisk, RingsOnDisk } from '../../shell/ring-records.ts';
import type { BrokenRule, RuleName } from './broken-rule.ts';

/** @param stateDir for the findings */
export function brokenInStore(
  { role, lanes }: RingsOnDisk,
  messages: Pick<MessageBytes, 'hash' | 'decode'>,
  stateDir: string,
): readonly BrokenRule[] {
  return lanes.flatMap((lane) => {
    const where = { stateDir, side: role, smscId: lane.smscId, lane: lane.lane };
    const broken = lane.slots.flatMap(({ slot, copy }): BrokenRule[] => {
      if (copy === undefined) return [{ ...where, rule: 'record-readable', slot, text: 'its record cannot be read' }];
      const flaws = flawsOf(copy, { slot, lane, role, messages });
      return flaws.map(([rule, text]) => ({ ...where, rule, slot, seq: copy.seq, text }));
    });
    if (lane.size === 'damaged')
      broken.push({ ...where, rule: 'record-readable', text: 'the record of its epoch cannot be read' });
    return [...broken, ...twice(lane).map((rest) => ({ ...where, ...rest }))];
  });
}

type Flaw = readonly [RuleName, string];

interface Place {
  readonly slot: number;
  readonly lane: LaneOnDisk;
  readonly role: string;
  readonly messages: Pick<MessageBytes, 'hash' | 'decode'>;
}

function flawsOf(copy: SlotCopy, { slot, lane, role, messages }: Place): readonly Flaw[] {
  const { status, outcome, attempts, bytes, contentHash, messageId } = copy;
  const isProducer = (role === 'im-server') === (lane.lane === 'mt');
  const flaws: (Flaw | undefined)[] = [
    placeFlaw(copy, slot, lane),
    isOutcome(status) && outcome?.status !== status
      ? ['outcome-with-status', `${status}, and its outcome is ${outcome?.status ?? 'missing'}`]
      : undefined,
    isUnfinished(status) && outcome !== undefined
      ? ['outcome-with-status', `${status}, and has the outcome ${outcome.status} already`]
      : undefined,
    (status === 'in-flight' || status === 'in-doubt') && attempts === 0
      ? ['attempt-counted', `${status} without an attempt`]
      : undefined,
    status === 'placed' && !isProducer ? ['status-of-this-end', 'placed, which only the producer says'] : undefined,
  ];
  if (bytes.length > 0) {
    const message = messages.decode(bytes);
    if (contentHash !== '' && messages.hash(bytes) !== contentHash) {
      flaws.push(['hash-of-content', `the content has hash ${messages.hash(bytes)}, noted is ${contentHash}`]);
    }
    if (message === undefined) flaws.push(['record-readable', 'its message cannot be read']);
    else if (message.id !== messageId)
      flaws.push(['message-of-its-id', `holds message ${message.id}, noted is ${messageId}`]);
  }
  return flaws.filter((flaw) => flaw !== undefined);
}

function placeFlaw({ seq: number }: SlotCopy, slot: number, { size }: LaneOnDisk): Flaw | undefined {
  if (size === 'damaged') return undefined;
  if (size === undefined) return ['number-in-its-slot', 'a ring without an epoch has nothing in it'];
  const own = slotOf(number, size);
  return own === slot ? undefined : ['number-in-its-slot', `number ${number} belongs into slot ${own}`];
}

/** One message in two places of the ring, or in the ring and still in the outbox: taking it over is one commit. */
function twice({ slots, outbox }: LaneOnDisk): readonly Pick<BrokenRule, 'rule' | 'slot' | 'seq' | 'text'>[] {
  const seen = new Map<string, number>();
  const found: Pick<BrokenRule, 'rule' | 'slot' | 'seq' | 'text'>[] = [];
  for (const { slot, copy } of slots) {
    if (copy === undefined || copy.status === 'settled' || copy.messageId === '') continue;
    const place = { rule: 'message-once', slot, seq: copy.seq } as const;
    const other = seen.get(copy.messageId);
    if (other !== undefined) found.push({ ...place, text: `the same message is in slot ${other}` });
    if (outbox.has(copy.messageId)) found.push({ ...place, text: 'the same message waits in the outbox' });
    seen.set(copy.messageId, slot);
  }
  return found;
}

/**
 * A producer's store that was set back since its consumer heard of it, as DESIGN section 4 tells it: by the last run and
 * commit that the consumer noted.
 *
 * @param consumers read before `producers`, which may be running: what was told was on disk before
 * @param stateDirs of the producers, for the findings
 */
export function brokenPositions(
  consumers: readonly RingsOnDisk[],
  producers: readonly RingsOnDisk[],
  stateDirs: readonly string[],
): readonly BrokenRule[] {
  return producers.flatMap((producer, index) =>
    producer.lanes
      .filter(({ lane }) => (producer.role === 'im-server') === (lane === 'mt'))
      .flatMap(({ smscId, lane, producerSeen: excused }) => {
        const seen = consumers
          .filter(({ role }) => role !== producer.role)
          .flatMap(({ lanes }) => lanes.filter((each) => each.smscId === smscId && each.lane === lane))
          .flatMap(({ producerSeen }) => producerSeen ?? []);
        const unknown = seen.filter((one) => !producer.hasBeenAt(one) && !isSamePlace(one, excused));
        const where = { stateDir: stateDirs[index] ?? '', side: producer.role, smscId, lane };
        return unknown.map(({ run, count }): BrokenRule => {
          const text = `the consumer saw this store at commit ${count} of run ${run.slice(0, 4)}…, where it never was`;
          return { ...where, rule: 'store-never-back', text };
        });
      }),
  );
}

/** A producer that learned of it notes the place, and has drawn its conclusions. */
function isSamePlace(one: StorePosition, other: StorePosition | undefined): boolean {
  return one.run === other?.run && one.count === other.count;
}
