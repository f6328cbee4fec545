/**
 * A connection between two ends of a world: each way keeps its order and takes its time. It breaks in three ways, and in
 * all of them what is on its way is lost: both ends are told, one end is told, or nobody is (until somebody's patience
 * ends). Or one way dies and nobody is told. Or who dialled is told, and what he said comes later than what he says next.
 */
import type { Instant } from '../core/base/time.ts';
import { later } from '../core/base/time.ts';
import type { Agenda } from './agenda.ts';

export interface WireEnd {
  readonly opened: () => void;
  readonly received: (bytes: Uint8Array) => void;
  /** Comes once, as the last. */
  readonly closed: (reason: string) => void;
}

export interface WireOptions {
  readonly agenda: Agenda;
  readonly now: () => Instant;
  /** Milliseconds for the next piece, one way. */
  readonly delayMs: () => number;
}

const farewellMs = 2_000;

export type Side = 'near' | 'far';

export class Wire {
  readonly #options: WireOptions;
  readonly #ends: Readonly<Record<Side, WireEnd>>;
  /** Who still listens: an end that closed or was told is gone. */
  readonly #listening: Record<Side, boolean> = { near: true, far: true };
  readonly #lastArrival: Partial<Record<Side, Instant>> = {};
  /** By the side that would receive. */
  readonly #carriesTo: Record<Side, boolean> = { near: true, far: true };
  #lateMs = 0;

  /** `near` dialled; it is told first that the connection stands. */
  constructor(options: WireOptions, ends: Readonly<Record<Side, WireEnd>>) {
    this.#options = options;
    this.#ends = ends;
    this.#arrive('far', () => this.#ends.far.opened());
    this.#arrive('near', () => this.#ends.near.opened());
  }

  send(from: Side, bytes: Uint8Array): void {
    if (this.#listening[from]) this.#arrive(otherSide(from), () => this.#ends[otherSide(from)].received(bytes));
  }

  /** A farewell: the other end is told behind all that was sent, this one when the other's farewell is back. */
  close(from: Side, reason: string): void {
    if (!this.#listening[from]) return;
    const other = otherSide(from);
    this.#arrive(other, () => {
      this.#end(other, reason);
      this.#arrive(from, () => this.#end(from, reason));
    });
    // A peer that does not answer is waited for no longer than this.
    this.#options.agenda.add(later(this.#options.now(), farewellMs), () => this.#end(from, reason));
  }

  /** A break. `toldTo`: who notices at once; the others go on talking to nobody. */
  cut(toldTo: readonly Side[], reason = 'cut'): void {
    this.#carriesTo.near = false;
    this.#carriesTo.far = false;
    for (const side of toldTo) this.#end(side, reason);
  }

  /** `near` takes it for broken, while what it said before is kept somewhere and comes to `far` so much later. */
  strand(lateMs: number, reason = 'stranded'): void {
    this.#carriesTo.near = false;
    this.#lateMs = lateMs;
    this.#end('near', reason);
  }

  /** One way dies: nothing arrives at `side` any more, and nobody is told. */
  deafen(side: Side): void {
    this.#carriesTo[side] = false;
  }

  #end(side: Side, reason: string): void {
    if (!this.#listening[side]) return;
    this.#listening[side] = false;
    this.#ends[side].closed(reason);
  }

  #arrive(to: Side, happen: () => void): void {
    const wanted = later(this.#options.now(), this.#options.delayMs());
    const last = this.#lastArrival[to];
    const at = last !== undefined && last > wanted ? last : wanted;
    this.#lastArrival[to] = at;
    const { agenda, now } = this.#options;
    const arrive = (): void => {
      if (this.#carriesTo[to] && this.#listening[to]) happen();
    };
    agenda.add(at, () => {
      if (this.#lateMs > 0) agenda.add(later(now(), this.#lateMs), arrive);
      else arrive();
    });
  }
}

export function otherSide(side: Side): Side {
  return side === 'near' ? 'far' : 'near';
}
