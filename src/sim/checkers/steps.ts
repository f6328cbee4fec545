/**
 * Steps shown to people are true: *on the handset* only when it is there; *failed* only where the SMSC's own records or
 * the clock say so, and then it is never there; and in the end everybody knows. SPEC: DESIGN section 7.
 */
import { type Instant, instant } from '../../core/base/time.ts';
import type { Step, StepReason } from '../../core/im/text.ts';
import { type Happening, imServerName } from '../happening.ts';
import { users } from '../plan.ts';
import type { Checker, CheckerSite } from './checker.ts';
import { Endings, type SentText } from './endings.ts';

export function stepsChecker({ plan, world, excuses }: CheckerSite): Checker {
  const endings = new Endings(() => world.im.latestTime());
  const received = new Set<string>();
  const failed = new Set<string>();
  /** Somebody said that these are on their handsets, so no report can be matched. */
  const decidedSent = new Set<string>();
  /** By its id, as the pages know it. */
  const texts = new Map<string, SentText>();

  function judge(sent: SentText, step: Step, reason: StepReason | undefined): string | undefined {
    const { text } = sent;
    if (step === 'delivered' && !received.has(text)) return `"${text}" is told as delivered and is not on its handset`;
    if (step !== 'failed') return undefined;
    failed.add(text);
    // SPEC: decision 0011, what it does not see: what a set-back IM server finds in its outbox may end as expired.
    if (received.has(text) && reason?.code === 'expired' && excuses.untold.has(text)) return undefined;
    if (received.has(text)) return `"${text}" is told as failed and is on its handset`;
    const objection = endings.objection(sent, reason);
    return objection === undefined ? undefined : `"${text}" is told as failed (${reason?.code}), but ${objection}`;
  }

  /** An IM server that was set back may have forgotten that they failed: they are open again, and go again, marked. */
  function reopen(): void {
    for (const { text, phone } of texts.values()) {
      if (!failed.has(text)) continue;
      const views = users.flatMap((user) => world.talk(user, phone)).filter((view) => view.text === text);
      if (!views.some(({ step }) => step === 'failed')) failed.delete(text);
    }
  }

  return {
    name: 'steps',
    take(happening: Happening) {
      endings.take(happening);
      if (happening.type === 'disk-set-back' && happening.who === imServerName) reopen();
      if (happening.type === 'decided' && happening.as === 'sent') decidedSent.add(happening.text);
      if (happening.type === 'smsc' && happening.event.type === 'received') {
        const { text } = happening.event;
        received.add(text);
        return failed.has(text) ? `"${text}" comes to its handset and was told as failed` : undefined;
      }
      if (happening.type === 'answered' && happening.result.type === 'stored') {
        const { id, text, peer, at } = happening.result.text;
        texts.set(id, { text, phone: peer, validUntil: endOf(at) });
      }
      if (happening.type !== 'shown' || happening.event.type !== 'step') return undefined;
      const { id, step, reason } = happening.event;
      const sent = texts.get(id);
      return sent === undefined ? undefined : judge(sent, step, reason);
    },
    end() {
      const numbers = new Set(plan.writings.map(({ phone }) => phone));
      for (const user of users) {
        for (const phone of numbers) {
          for (const { direction, text, step, reason, at, marks } of world.talk(user, phone)) {
            if (direction === 'in' || excuses.untold.has(text) || step === 'delivered') continue;
            const sent = { text, phone, validUntil: endOf(at) };
            const isEnd =
              step === 'accepted'
                ? plan.reports === 'none' || decidedSent.has(text) || endings.isReportGone(sent)
                : (step === 'unknown' || step === 'failed') && endings.objection(sent, reason) === undefined;
            if (!isEnd) return `"${text}" of ${user} ended as ${[step, reason?.code ?? [], marks].flat().join(' ')}`;
          }
        }
      }
      return undefined;
    },
  };

  function endOf(at: number): Instant {
    return instant(at + plan.validityMs);
  }
}
