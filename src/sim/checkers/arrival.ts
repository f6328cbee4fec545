/**
 * Nothing acknowledged is lost: every text that its person was told is stored reaches its handset, every text of a
 * handset whose parts were answered reaches its person. SPEC: DESIGN section 4, the table of promises.
 */
import type { Happening } from '../happening.ts';
import type { Checker, CheckerSite } from './checker.ts';

export function arrivalChecker({ plan, world, excuses }: CheckerSite): Checker {
  /** On their handsets. */
  const received = new Set<string>();
  return {
    name: 'arrival',
    take(happening: Happening): undefined {
      if (happening.type === 'smsc' && happening.event.type === 'received') received.add(happening.event.text);
    },
    end() {
      for (const { way, user, phone, text } of plan.writings) {
        if (excuses.lost.has(text)) continue;
        if (way === 'mt') {
          if (!received.has(text)) return `"${short(text)}" from ${user} never reached ${phone}`;
        } else if (!world.talk(user, phone).some((view) => view.direction === 'in' && view.text === text)) {
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
