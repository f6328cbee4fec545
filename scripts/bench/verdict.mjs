// What the best possible rate is, and whether the bridge came near enough to it. Pure; the numbers come from outside.

/** Messages that may be anywhere between the two ends. */
export const ringSize = 255;

/** What the bridge must reach, as shares of the best possible rate, and in turns across the link. */
export const goals = {
  /** Where the ring and the round trip are the limit. */
  ring: 0.9,
  /** Where the turn with the SMSC (and, with `disk`, its commit) is the limit: disks are noisy. */
  turn: 0.75,
  /** With `process`, at 200 ms: 255 slots allow 255 times. */
  timesTurnTaking: 200,
};

/**
 * @param {{ rttMs: number, turnMs: number, putMs: number }} measured `putMs` is 0 where nothing is synced
 */
export function bestPossible({ rttMs, turnMs, putMs }) {
  const t = turnMs + putMs;
  const byTurn = 1_000 / t;
  const byRing = (ringSize * 1_000) / (rttMs + t);
  return { perSecond: Math.min(byTurn, byRing), limit: byTurn < byRing ? 'turn' : 'ring' };
}

/**
 * @param {{ rttMs: number, durability: 'disk' | 'process', turnTakingPerSecond: number,
 *   bridgePerSecond: number, best: { perSecond: number, limit: 'turn' | 'ring' } }} row
 */
export function judge(row) {
  const share = row.bridgePerSecond / row.best.perSecond;
  const times = row.bridgePerSecond / row.turnTakingPerSecond;
  const mustBeTimes = row.durability === 'process' && row.rttMs === 200 ? goals.timesTurnTaking : 0;
  const isMet = share >= goals[row.best.limit] && times >= mustBeTimes;
  return { share, goal: goals[row.best.limit], times, mustBeTimes, isMet };
}
