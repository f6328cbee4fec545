/** Whether a world has come to rest, and the operator who helps it under `hold`. */
import { inStep, sessionsKnown } from './checkers/in-step.ts';
import type { RunPlan } from './plan.ts';
import type { World } from './world.ts';

/**
 * In which everything is settled after the last fault: the longest wait for a reconnect (30 s), an answer with its two
 * repetitions, a regular check, and the SMSC's own waits for handsets. SPEC: DESIGN section 4.
 */
export const settleLimitMs = 20 * 60_000;

/** What is not at rest yet; empty is well. */
export function unsettled(world: World, disks: 'kept' | 'replaced'): readonly string[] {
  const open: string[] = [];
  if (world.im.unansweredCount > 0) open.push(`${world.im.unansweredCount} texts are not answered`);
  for (const { smscId, outbox } of world.im.role?.status().smscs ?? []) {
    if (outbox > 0) open.push(`${outbox} messages wait in the outbox of ${smscId}`);
  }
  for (const site of world.sites) {
    const { deliversWaiting, reportsWaiting, messagesWaiting } = site.smsc.counts();
    const waiting = deliversWaiting + reportsWaiting + messagesWaiting;
    if (waiting > 0) open.push(`${waiting} messages wait in the SMSC of ${site.smscId}`);
    for (const { lane, slots } of site.role?.rings() ?? []) {
      const busy = slots.find(({ status }) => status !== 'free' && status !== 'settled');
      if (busy !== undefined) open.push(`slot ${busy.slot} of ${site.smscId} ${lane} is ${busy.status}`);
    }
  }
  return open.length > 0 ? open : [...inStep(world, disks), ...sessionsKnown(world)];
}

/**
 * An operator who asks the owner of the handset about each message in doubt, and tells either end.
 *
 * @returns how many there were
 */
export function decide(world: World, plan: RunPlan): number {
  if (plan.inDoubt !== 'hold') return 0;
  let count = 0;
  for (const site of world.sites) {
    // Nobody can tell while something is still on its way to a handset.
    if (site.smsc.counts().messagesWaiting > 0) continue;
    const ring = site.role?.rings().find(({ lane }) => lane === 'mt');
    for (const { slot, status, message } of ring?.slots ?? []) {
      if (status !== 'in-doubt') continue;
      count += 1;
      const isThere = message !== undefined && world.received(message.to, site.smscId).includes(message.content);
      const as = isThere ? 'sent' : 'not-sent';
      world.tell({ type: 'decided', text: message?.content ?? '', as });
      if (slot % 2 === 0) site.input({ type: 'resolve', ref: slot, slot, as });
      else world.im.input({ type: 'resolve', ref: slot, smscId: site.smscId, slot, as });
    }
  }
  return count;
}
