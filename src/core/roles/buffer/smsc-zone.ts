/**
 * The zone of the SMSC's clock, which its 12 digits do not tell: given by the operator, or asked for by Get 501 after
 * each login, because it changes with summer time. SPEC: DESIGN section 6; reference sections 2.8 and 3.4.
 */
import { type LogEvent, logEvent } from '../../base/log-event.ts';
import type { Instant } from '../../base/time.ts';
import { type Packet, parameterOf } from '../../codec/packet.ts';
import { parseSmscTime } from '../../codec/smsc-time.ts';
import type { ClientInput, RequestRef } from '../../handshake/client-io.ts';

/** Never a reference of a submit, those count from 1. */
export const zoneRef: RequestRef = 0;

const get = 9;
const quarterMinutes = 15;
/** Zones reach from UTC-12 to UTC+14. */
const farthestMinutes = 14 * 60;

export class SmscZone {
  readonly #setting: number | 'ask';
  readonly #machineZone: number;
  #minutes: number | undefined;
  #state: 'idle' | 'due' | 'asked' = 'idle';

  constructor(setting: number | 'ask', machineZone: number) {
    this.#setting = setting;
    this.#machineZone = machineZone;
    this.#minutes = setting === 'ask' ? undefined : setting;
  }

  /** Minutes east of UTC; undefined before the first answer. */
  get minutes(): number | undefined {
    return this.#minutes;
  }

  get orMachine(): number {
    return this.#minutes ?? this.#machineZone;
  }

  /** Before anything else is asked of a new session. */
  get isDue(): boolean {
    return this.#state === 'due';
  }

  loggedIn(): void {
    if (this.#setting === 'ask') this.#state = 'due';
  }

  ask(): ClientInput {
    this.#state = 'asked';
    const parameters = [{ code: 500, value: '501' }];
    return { type: 'request', ref: zoneRef, operation: get, parameters, onTimeout: 'repeat' };
  }

  answered(packet: Packet, now: Instant): LogEvent {
    const digits = parameterOf(packet, 501);
    const asUtc = digits === undefined ? undefined : parseSmscTime(digits, 0);
    const difference = asUtc === undefined ? undefined : (asUtc - now) / 60_000;
    const minutes = difference === undefined ? undefined : Math.round(difference / quarterMinutes) * quarterMinutes;
    if (minutes === undefined || Math.abs(minutes) > farthestMinutes) return this.notAnswered();
    this.#minutes = minutes;
    this.#state = 'idle';
    return logEvent('info', 'smsc.zone', { minutes, from: 'smsc' });
  }

  /** The SMSC does not say: this machine's zone is as good a guess as any, and the log says that it is one. */
  notAnswered(): LogEvent {
    this.#minutes ??= this.#machineZone;
    this.#state = 'idle';
    return logEvent('warn', 'smsc.zone', { minutes: this.#minutes, from: 'machine' });
  }
}
