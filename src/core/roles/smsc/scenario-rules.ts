/**
 * Says which fault of a scenario a packet meets, and when those that need no packet come. It counts what passes and what
 * was met; it carries nothing out. Chance and time are given to it.
 */
import type { Random } from '../../base/random.ts';
import { type Instant, later } from '../../base/time.ts';
import { type Fault, type FaultAction, type FaultSide, faultKinds, isLogin, type Scenario } from './scenario.ts';

/** What a fault may look at. */
export interface Passing {
  /** Wire code; undefined where a connection was opened. */
  readonly operation: number | undefined;
  /** 021 and 023. */
  readonly numbers: readonly string[];
  /** Who logged in on that connection, or asks to. */
  readonly user: string | undefined;
}

interface Rule {
  readonly fault: Fault;
  readonly side: FaultSide;
  /** Comes when its time is there, and meets no packet. */
  readonly comesByItself: boolean;
  /** Packets that fitted. */
  seen: number;
  met: number;
  /** `every-time`: the end of the running period. */
  nextAt: Instant | undefined;
}

export class ScenarioRules {
  readonly #rules: readonly Rule[];
  readonly #random: Random;
  readonly #startedAt: Instant;

  constructor(scenario: Scenario, random: Random, startedAt: Instant) {
    this.#random = random;
    this.#startedAt = startedAt;
    this.#rules = scenario.faults.map((fault) => ({
      fault,
      side: faultKinds[fault.action.kind].side,
      comesByItself: comesByItself(fault),
      seen: 0,
      met: 0,
      nextAt: fault.measure.type === 'every-time' ? later(startedAt, fault.fromMs + fault.measure.everyMs) : undefined,
    }));
  }

  /** The first fault that is due for what passes there; those behind it do not count it. */
  meet(side: FaultSide, passing: Passing, now: Instant): FaultAction | undefined {
    for (const rule of this.#rules) {
      if (rule.side !== side || rule.comesByItself || !this.#isOpen(rule, now) || !fits(rule.fault, passing)) continue;
      rule.seen += 1;
      if (this.#isDue(rule, now)) return meetNow(rule, now);
    }
    return undefined;
  }

  /** The next fault whose time has come; call it until there is none. */
  takeDue(now: Instant): FaultAction | undefined {
    for (const rule of this.#rules) {
      if (!rule.comesByItself || rule.nextAt === undefined || rule.nextAt > now) continue;
      if (this.#isOpen(rule, now)) return meetNow(rule, now);
      rule.nextAt = undefined;
    }
    return undefined;
  }

  deadline(): Instant | undefined {
    let first: Instant | undefined;
    for (const { comesByItself: alone, nextAt } of this.#rules)
      if (alone && nextAt !== undefined && (first === undefined || nextAt < first)) first = nextAt;
    return first;
  }

  /** Within its time, and not yet met as often as it may be. */
  #isOpen({ fault, met }: Rule, now: Instant): boolean {
    const sinceMs = now - this.#startedAt;
    const isLate = fault.untilMs !== undefined && sinceMs >= fault.untilMs;
    return sinceMs >= fault.fromMs && !isLate && (fault.times === undefined || met < fault.times);
  }

  #isDue({ fault: { measure }, seen, nextAt }: Rule, now: Instant): boolean {
    switch (measure.type) {
      case 'always':
        return true;
      case 'nth':
        return seen === measure.nth;
      case 'every':
        return seen % measure.every === 0;
      case 'first':
        return seen <= measure.first;
      case 'every-time':
        return nextAt !== undefined && nextAt <= now;
      case 'probability':
        return this.#random() < measure.probability;
    }
  }
}

/** Whether a fault waits for its time only: it says nothing about the packets that it would meet. */
function comesByItself({ action, measure, operations, account, number }: Fault): boolean {
  const isBare = operations === undefined && account === undefined && number === undefined;
  return faultKinds[action.kind].comesByTime && measure.type === 'every-time' && isBare;
}

function meetNow(rule: Rule, now: Instant): FaultAction {
  rule.met += 1;
  const { measure } = rule.fault;
  if (measure.type === 'every-time' && rule.nextAt !== undefined) {
    // Periods that passed without anything to meet are not made up for.
    const periods = Math.floor((now - rule.nextAt) / measure.everyMs) + 1;
    rule.nextAt = later(rule.nextAt, periods * measure.everyMs);
  }
  return rule.fault.action;
}

function fits({ action, operations, account, number }: Fault, passing: Passing): boolean {
  const { operation } = passing;
  if (operation !== undefined) {
    const wanted: readonly number[] = operations ?? faultKinds[action.kind].operations;
    if (!wanted.includes(operation) || (operations === undefined && isLogin(operation))) return false;
  }
  if (account !== undefined && account !== passing.user) return false;
  return number === undefined || passing.numbers.some((one) => isThatNumber(one, number));
}

function isThatNumber(number: string, wanted: string): boolean {
  const digits = digitsOf(number);
  return wanted.endsWith('*') ? digits.startsWith(digitsOf(wanted.slice(0, -1))) : digits === digitsOf(wanted);
}

/** A number is one whether it is written with or without `+` and hyphens. */
function digitsOf(address: string): string {
  return address.replaceAll(/[+-]/g, '');
}
