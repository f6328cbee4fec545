/** Nothing was said at level error, but for what a fault makes somebody say. An error in a log is for an operator. */
import { type Happening, imServerName } from '../happening.ts';
import type { Checker, CheckerSite } from './checker.ts';

/** A full disk says so; a lost one may cost what no mirror holds. */
const excusedByDisks = new Set([
  'sync.message-lost',
  'sync.producer-lost',
  'sync.consumer-went-back',
  'ring.late-answer',
]);

/** A disk that went back is found out, or what it forgot is. A buffer that said so itself is not. */
const excusedBySetBacks = new Set(['sync.producer-went-back', 'ring.consumer-went-back', 'ring.late-answer']);

export function complaintsChecker({ excuses }: CheckerSite): Checker {
  /** Buffers whose disk went back or away, and those that the IM server remembers from before that, since its own did. */
  const harmed = new Set<string>();
  const remembered = new Set<string>();

  function noteHarm(who: string): void {
    if (who !== imServerName) harmed.add(who);
    else for (const buffer of harmed) remembered.add(buffer);
  }

  return {
    name: 'complaints',
    take(happening: Happening) {
      if (happening.type === 'disk-lost' || happening.type === 'disk-set-back') noteHarm(happening.who);
      if (happening.type !== 'log' || happening.event.level !== 'error') return undefined;
      const { event, fields } = happening.event;
      if (event === 'store.commit-failed') return undefined;
      if (excuses.lostDisks.size > 0 && excusedByDisks.has(event)) return undefined;
      if (excuses.setBackDisks.size > 0 && excusedBySetBacks.has(event)) return undefined;
      if (event === 'store.went-back' && remembered.has(String(fields['smsc']))) return undefined;
      return `${happening.who} said ${event} ${JSON.stringify(fields)}`;
    },
    end: () => undefined,
  };
}
