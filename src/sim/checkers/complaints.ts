/** Nothing was said at level error, but for what a fault makes somebody say. An error in a log is for an operator. */
import type { Happening } from '../happening.ts';
import type { Checker, CheckerSite } from './checker.ts';

/** A full disk says so; a lost one may cost what no mirror holds. */
const excusedByDisks = new Set([
  'sync.message-lost',
  'sync.producer-lost',
  'sync.consumer-went-back',
  'ring.late-answer',
]);

export function complaintsChecker({ excuses }: CheckerSite): Checker {
  return {
    name: 'complaints',
    take(happening: Happening) {
      if (happening.type !== 'log' || happening.event.level !== 'error') return undefined;
      const { event, fields } = happening.event;
      if (event === 'store.commit-failed') return undefined;
      if (excuses.lostDisks.size > 0 && excusedByDisks.has(event)) return undefined;
      return `${happening.who} said ${event} ${JSON.stringify(fields)}`;
    },
    end: () => undefined,
  };
}
