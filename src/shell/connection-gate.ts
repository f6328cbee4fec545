/**
 * Whether a new connection may come in, before it has said anything: not more than so many at once, and from one
 * address not more than so many a minute. An address gets its turns back evenly; what is remembered is bounded.
 */

export interface GateLimits {
  /** Connections that may stand at once. Default 256. */
  readonly connectionLimit: number;
  /** Of one remote address; as many may come at once. Default 120. */
  readonly attemptsPerMinute: number;
}

export type Verdict = 'welcome' | 'full' | 'too-often';

/** Addresses remembered; beyond this those with the most turns left are forgotten, which only helps them. */
const addressLimit = 10_000;

export class ConnectionGate {
  private readonly limits: GateLimits;
  /** Turns left at a time; a full allowance is not remembered. */
  private readonly addresses = new Map<string, { turns: number; atMs: number }>();

  constructor(limits: GateLimits) {
    this.limits = limits;
  }

  /** @param nowMs of a clock that never goes back */
  judge(address: string, connectionCount: number, nowMs: number): Verdict {
    const allowance = this.limits.attemptsPerMinute;
    const known = this.addresses.get(address) ?? { turns: allowance, atMs: nowMs };
    const turns = Math.min(allowance, known.turns + ((nowMs - known.atMs) * allowance) / 60_000);
    if (turns < 1) return 'too-often';
    if (this.addresses.size >= addressLimit) this.forgetHarmless(nowMs);
    this.addresses.set(address, { turns: turns - 1, atMs: nowMs });
    return connectionCount >= this.limits.connectionLimit ? 'full' : 'welcome';
  }

  private forgetHarmless(nowMs: number): void {
    const allowance = this.limits.attemptsPerMinute;
    const turnsNow = ({ turns, atMs }: { turns: number; atMs: number }): number =>
      turns + ((nowMs - atMs) * allowance) / 60_000;
    const byTurns = [...this.addresses].sort(([, a], [, b]) => turnsNow(b) - turnsNow(a));
    for (const [address] of byTurns.slice(0, addressLimit / 2)) this.addresses.delete(address);
  }
}
