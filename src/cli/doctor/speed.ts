/**
 * How fast the bridge can be at best, and whether the buffer stands in the right place. SPEC: DESIGN section 9: with t the
 * SMSC's turn-around and R the link's round trip, min(1/t, size/(R + t)); without a bridge 1/(R + t). Pure.
 */
import { secondMs } from '../../core/base/time.ts';
import { rateText, shortMs } from '../status/words.ts';
import { type Check, failed, passed, skipped } from './check.ts';

export interface Distances {
  /** From a submit to its answer; where nothing better is known, the way to the SMSC and back. */
  readonly turnAroundMs: number | undefined;
  /** How that was found: `answers` of the SMSC, or only the `way` there. */
  readonly turnAroundBy: 'answers' | 'way';
  /** Of the link. */
  readonly roundTripMs: number | undefined;
  /** The way to the SMSC and back, without its own work; undefined where it was not measured. */
  readonly smscWayMs: number | undefined;
  readonly ringSize: number;
  /** Submits that may be outstanding. */
  readonly window: number;
}

export interface BestRates {
  /** Messages a second. */
  readonly withBridge: number;
  readonly without: number;
  /** What limits: the SMSC's turn-around, or the ring across the link. */
  readonly limit: 'turn-around' | 'ring';
}

/** Nothing is quicker than this, or a rate would be without end. */
const shortestMs = 0.05;

export function bestRates({ turnAroundMs, roundTripMs, ringSize, window }: Distances): BestRates | undefined {
  if (turnAroundMs === undefined || roundTripMs === undefined) return undefined;
  const turnMs = Math.max(turnAroundMs, shortestMs);
  const byTurn = (window * secondMs) / turnMs;
  const byRing = (ringSize * secondMs) / (roundTripMs + turnMs);
  return {
    withBridge: Math.min(byTurn, byRing),
    without: (window * secondMs) / (roundTripMs + turnMs),
    limit: byTurn <= byRing ? 'turn-around' : 'ring',
  };
}

export function speedChecks(distances: Distances): readonly Check[] {
  const { turnAroundMs, turnAroundBy, roundTripMs, ringSize, window } = distances;
  const rates = bestRates(distances);
  if (rates === undefined) {
    const missing = [turnAroundMs === undefined ? 'the SMSC' : '', roundTripMs === undefined ? 'the IM server' : ''];
    return [skipped('speed', `not reckoned: ${missing.filter(Boolean).join(' and ')} could not be measured`)];
  }
  const t = `t ${shortMs(turnAroundMs ?? 0)}${turnAroundBy === 'way' ? ' (only the way to the SMSC)' : ''}`;
  const by = rates.limit === 'turn-around' ? `by the SMSC, window ${window}` : `by the ring of ${ringSize}`;
  const text = `${t}, R ${shortMs(roundTripMs ?? 0)}: at best ${rateText(rates.withBridge, 'messages')}, limited ${by}; without a buffer ${rateText(rates.without, 'messages')}`;
  return [passed('speed', text), placeCheck(distances, rates.withBridge)];
}

/** Moving the buffer must at least double the rate, and spare this much of the way, to be worth it. */
const worthIt = 2;
const farMs = 5;
/** What an SMSC needs for itself at least; where only the way was measured nothing better is known. */
const ownWorkMs = 1;

function placeCheck(distances: Distances, here: number): Check {
  const { smscWayMs, turnAroundMs = 0, roundTripMs = 0 } = distances;
  if (smscWayMs === undefined) return skipped('place', 'not judged: the way to the SMSC was not measured');
  const there = bestRates({
    ...distances,
    turnAroundMs: Math.max(turnAroundMs - smscWayMs, ownWorkMs),
    roundTripMs: roundTripMs + smscWayMs,
  });
  const text = `the SMSC is ${shortMs(smscWayMs)} away, the IM server ${shortMs(roundTripMs)}`;
  if (there === undefined || smscWayMs < farMs || there.withBridge < worthIt * here) {
    return passed('place', `${text}: the buffer stands well`);
  }
  return failed(
    'place',
    `${text}: every message pays the way to the SMSC in turn`,
    `run the buffer next to the SMSC: up to ${rateText(there.withBridge, 'messages')} instead of ${rateText(here, 'messages')}`,
  );
}
