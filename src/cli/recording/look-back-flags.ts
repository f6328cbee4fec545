/** Flags of the commands that look back in time, wherever there is history. SPEC: CLI.md, conventions. */
import { Flags } from '@oclif/core';
import { parseDuration } from '../duration.ts';
import { parseMoment } from './moment.ts';

export const lookBackFlags = {
  since: Flags.string({
    description: 'not before this: 14:03:07, an ISO 8601 time, or 3d for so long ago',
    helpValue: 'TIME',
  }),
  until: Flags.string({ description: 'not after this, in the same forms', helpValue: 'TIME' }),
  last: Flags.integer({ description: 'only so many, the latest', min: 1 }),
};

export interface LookBack {
  /** Milliseconds since 1970. */
  readonly since: number | undefined;
  readonly until: number | undefined;
  readonly last: number | undefined;
}

/** @throws OperatorError USAGE_BAD_VALUE */
export function lookBackOf(
  flags: { readonly [name in keyof LookBack]?: (name extends 'last' ? number : string) | undefined },
  now: number,
): LookBack {
  return {
    since: momentOf(flags.since, '--since', now),
    until: momentOf(flags.until, '--until', now),
    last: flags.last,
  };
}

/** A time, or so long ago. */
function momentOf(text: string | undefined, flag: string, now: number): number | undefined {
  if (text === undefined) return undefined;
  const ago = parseDuration(text);
  return ago.ok ? now - ago.value : parseMoment(text, flag, now);
}
