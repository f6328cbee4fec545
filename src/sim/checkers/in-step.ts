/** What must hold in a world. Each gives a list of what does not: empty is well. */
import type { RingView, SlotView } from '../../core/store/ring-view.ts';
import type { World } from '../world.ts';

/**
 * Both ends of every lane show the same. Only for worlds at rest.
 *
 * @param disks `replaced`: a consumer that began with an empty disk lacks what had been settled before
 */
export function inStep(world: World, disks: 'kept' | 'replaced' = 'kept'): readonly string[] {
  return world.sites.flatMap((site) => {
    const there = world.im.role?.rings().filter((ring) => ring.smscId === site.smscId) ?? [];
    return (site.role?.rings() ?? []).flatMap((here) => {
      const other = there.find(({ lane }) => lane === here.lane);
      return other === undefined ? [`no ${here.lane} at the IM server`] : differences(here, other, disks);
    });
  });
}

/** The IM server knows how each buffer's session with its SMSC is. Only for worlds at rest. */
export function sessionsKnown(world: World): readonly string[] {
  const known = new Map(world.im.role?.links().map(({ smscId, session }) => [smscId, session?.state]) ?? []);
  return world.sites.flatMap((site) => {
    const [here, there] = [site.role?.link().session?.state ?? 'gone', known.get(site.smscId) ?? 'unknown'];
    return here === there ? [] : [`${site.smscId}: its session is ${here}, at the IM server ${there}`];
  });
}

function differences(here: RingView, there: RingView, disks: 'kept' | 'replaced'): string[] {
  const name = `${here.smscId} ${here.lane}`;
  if (here.epoch !== there.epoch || here.size !== there.size) return [`${name}: another epoch or size`];
  return here.slots.flatMap((slot, index) => {
    const other = there.slots[index];
    const [one, two] = [said(slot), other === undefined ? 'nothing' : said(other)];
    if (disks === 'replaced' && isForgotten(slot, other, here.end)) return [];
    return one === two ? [] : [`${name} slot ${slot.slot}: buffer ${one}, IM server ${two}`];
  });
}

/** The producer has settled it, and the consumer that ended it is gone. SPEC: DESIGN section 4, row *lost-forward*. */
function isForgotten(slot: SlotView, other: SlotView | undefined, end: RingView['end']): boolean {
  const [producer, consumer] = end === 'producer' ? [slot, other] : [other, slot];
  return producer?.status === 'settled' && (consumer?.seq ?? 0) < (producer.seq ?? 0);
}

function said(slot: SlotView): string {
  const { seq, status, attempts, possibleDuplicate, outcome, messageId, contentHash } = slot;
  return JSON.stringify([seq, status, attempts, possibleDuplicate, outcome, messageId, contentHash]);
}
