/**
 * Nothing is handed over twice unless it was in doubt and is marked; under `hold` not at all; to a person never.
 * SPEC: DESIGN section 2 rule 4, section 4.
 */
import { candidateMs } from '../../core/roles/buffer/redelivery.ts';
import type { Happening } from '../happening.ts';
import { type Checker, type CheckerSite, clockToleranceMs } from './checker.ts';

export function doublesChecker({ plan, world, excuses }: CheckerSite): Checker {
  const times = new Map<string, number>();
  /** By buffer: how far its clock was ahead, at least. */
  const leastAheadMs = new Map<string, number>();
  /** By buffer: when its clock last jumped so far that a deliver is too old to be recognised. SPEC: DESIGN section 4, 48 h. */
  const leaptAtMs = new Map<string, number>();

  function noteClock(smscId: string, aheadMs: number, atMs: number): void {
    const least = Math.min(leastAheadMs.get(smscId) ?? 0, aheadMs);
    leastAheadMs.set(smscId, least);
    if (aheadMs - least > candidateMs - clockToleranceMs) leaptAtMs.set(smscId, atMs);
  }

  return {
    name: 'doubles',
    take(happening: Happening) {
      if (happening.type === 'fault' && happening.moment === 'begins' && happening.fault.kind === 'clock') {
        const { target, aheadMs, atMs } = happening.fault;
        noteClock(target, aheadMs, atMs);
      }
      if (happening.type !== 'smsc' || happening.event.type !== 'received') return undefined;
      const { text, to } = happening.event;
      const count = (times.get(text) ?? 0) + 1;
      times.set(text, count);
      const isExcused = excuses.doubled.has(text) || excuses.lostDisks.has(happening.smscId);
      if (count > 1 && plan.inDoubt === 'hold' && !isExcused) return `"${text}" is twice on ${to}, under hold`;
      return undefined;
    },
    end() {
      for (const { way, user, phone, text, smscId, atMs } of plan.writings) {
        if (excuses.doubled.has(text)) continue;
        if (way === 'mo' && atMs < (leaptAtMs.get(smscId) ?? 0)) continue;
        const views = world.talk(user, phone).filter((view) => view.text === text);
        if (way === 'mo') {
          if (views.length > 1) return `"${text}" is ${views.length} times with ${user}`;
        } else if ((times.get(text) ?? 0) > 1 && !views.some(({ marks }) => marks.includes('possible-duplicate'))) {
          return `"${text}" is ${times.get(text)} times on ${phone}, and ${user} sees no mark`;
        }
      }
      return undefined;
    },
  };
}
