/** Flag types of the simulated SMSC: handsets and time zones. */
import { Flags } from '@oclif/core';
import { fail, ok, type Result } from '../core/base/result.ts';
import { parseZoneOffset } from '../core/codec/smsc-time.ts';
import type { HandsetState } from '../core/roles/smsc/settings.ts';
import { parseDuration } from './duration.ts';
import { valueOrThrow } from './flags.ts';
import { parsePhone } from './phone.ts';

export interface HandsetOption {
  readonly number: string;
  readonly state: HandsetState;
}

/** `+639171234567=on`, `=off`, `=slow:3s`; a number alone is on. */
export function parseHandset(text: string): Result<HandsetOption> {
  const [numberText = '', stateText = 'on', ...more] = text.split('=');
  const number = parsePhone(numberText);
  if (!number.ok) return number;
  if (more.length === 0 && (stateText === 'on' || stateText === 'off')) {
    return ok({ number: number.value, state: { type: stateText } });
  }
  const slow = /^slow:(.+)$/.exec(stateText)?.[1];
  if (more.length > 0 || slow === undefined) {
    return fail('CONFIG_BAD_VALUE', `"${text}" is no handset; write it like +639171234567=on, =off or =slow:3s.`);
  }
  const ms = parseDuration(slow);
  return ms.ok ? ok({ number: number.value, state: { type: 'slow', ms: ms.value } }) : ms;
}

export const handsetFlag = Flags.custom<HandsetOption>({
  helpValue: 'NUMBER=STATE',
  parse: async (text) => valueOrThrow(parseHandset(text)),
});

/** Minutes ahead of UTC. */
export const zoneFlag = Flags.custom<number>({
  helpValue: 'ZONE',
  parse: async (text) => {
    const offset = parseZoneOffset(text);
    return valueOrThrow(
      offset === undefined
        ? fail<number>('CONFIG_BAD_VALUE', `"${text}" is no time zone; write it like +08:00 or Z.`)
        : ok(offset),
    );
  },
});

/** What 010 and 011 can carry: 1 to 32 printable characters without spaces. SPEC: reference section 3.2. */
export function parseCredential(what: string, text: string): Result<string> {
  return /^[!-~]{1,32}$/.test(text)
    ? ok(text)
    : fail('CONFIG_BAD_VALUE', `The ${what} must be 1 to 32 printable ASCII characters without spaces.`);
}
