/**
 * Steps shown to people are true: *on the handset* only when it is there, *failed* never (no fault here refuses a text
 * for good), and in the end everybody knows. SPEC: DESIGN section 7.
 */
import type { Happening } from '../happening.ts';
import { users } from '../plan.ts';
import type { Checker, CheckerSite } from './checker.ts';

export function stepsChecker({ plan, world, excuses }: CheckerSite): Checker {
  const received = new Set<string>();
  /** By its id, as the pages know it. */
  const texts = new Map<string, string>();
  return {
    name: 'steps',
    take(happening: Happening) {
      if (happening.type === 'smsc' && happening.event.type === 'received') received.add(happening.event.text);
      if (happening.type === 'answered' && happening.result.type === 'stored') {
        texts.set(happening.result.text.id, happening.result.text.text);
      }
      if (happening.type !== 'shown' || happening.event.type !== 'step') return undefined;
      const { id, step } = happening.event;
      const text = texts.get(id);
      if (text === undefined) return undefined;
      if (step === 'delivered' && !received.has(text))
        return `"${text}" is told as delivered and is not on its handset`;
      if (step === 'failed') return `"${text}" is told as failed`;
      return undefined;
    },
    end() {
      const handsets = new Set(plan.writings.map(({ phone }) => phone));
      for (const user of users) {
        for (const phone of handsets) {
          for (const { direction, text, step } of world.talk(user, phone)) {
            if (direction === 'in' || excuses.untold.has(text) || step === 'delivered') continue;
            // What somebody decided was sent has no stamp, so no report can be matched: it ends at the SMSC.
            const isEnough = step === 'accepted' && (plan.inDoubt === 'hold' || plan.reports === 'none');
            if (!isEnough) return `"${text}" of ${user} ended as ${step}`;
          }
        }
      }
      return undefined;
    },
  };
}
