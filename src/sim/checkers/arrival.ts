/**
 * Nothing acknowledged is lost: every text that its person was told is stored reaches its handset, or its person is told
 * the end that it came to (`steps.ts` asks whether that is true); every text of a handset whose parts were answered
 * reaches its person. SPEC: DESIGN section 4, the table of promises.
 */
import { type Instant, later } from '../../core/base/time.ts';
import type { Happening } from '../happening.ts';
import type { Writing } from '../plan.ts';
import { type Checker, type CheckerSite, clockToleranceMs, mayLackParts } from './checker.ts';

export function arrivalChecker({ plan, world, excuses }: CheckerSite): Checker {
  /** On their handsets. */
  const received = new Set<string>();
  /** Numbers to which the SMSC refused a submit. */
  const refused = new Set<string>();
  /** By the clock of the IM server that stored a text: when the first copy of it ends. */
  const validUntil = new Map<string, Instant>();

  /** Its end is told: it failed, or may have arrived before it ended badly; nobody's may lack the report that says so. */
  function hasEnded({ user, phone, text, addressee }: Writing): boolean {
    const views = world.talk(user, phone).filter((view) => view.direction === 'out' && view.text === text);
    return views.some(
      ({ step }) => step === 'failed' || step === 'unknown' || (step === 'accepted' && addressee === 'nobody'),
    );
  }

  /** It may have ended otherwise and nobody was told: a disk took the history along. */
  function mayHaveEndedUntold({ addressee, phone, text }: Writing): boolean {
    if (!excuses.untold.has(text)) return false;
    const end = validUntil.get(text);
    const isOver = end !== undefined && end <= later(world.im.latestTime(), clockToleranceMs);
    return addressee === 'nobody' || refused.has(phone) || isOver;
  }

  return {
    name: 'arrival',
    take(happening: Happening): undefined {
      if (happening.type === 'answered' && happening.result.type === 'stored') {
        const { text, at } = happening.result.text;
        const end = later(at, plan.validityMs);
        if (end < (validUntil.get(text) ?? Infinity)) validUntil.set(text, end);
      }
      if (happening.type !== 'smsc') return;
      const { event } = happening;
      if (event.type === 'received') received.add(event.text);
      if (event.type === 'submitted' && event.errorCode !== 0) refused.add(event.to);
    },
    end() {
      for (const writing of plan.writings) {
        const { way, user, phone, text } = writing;
        if (excuses.lost.has(text)) continue;
        if (way === 'mt') {
          if (received.has(text) || hasEnded(writing) || mayHaveEndedUntold(writing)) continue;
          return `"${short(text)}" from ${user} never reached ${phone}`;
        }
        if (writing.partCount > 1 && mayLackParts(world)) continue;
        if (!world.talk(user, phone).some((view) => view.direction === 'in' && view.text === text)) {
          return `"${short(text)}" from ${phone} never reached ${user}`;
        }
      }
      return undefined;
    },
  };
}

function short(text: string): string {
  return text.length <= 24 ? text : `${text.slice(0, 24)}…`;
}
