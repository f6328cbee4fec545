/** Flags of the commands that say how something is. */
import { Flags } from '@oclif/core';
import { durationFlag } from '../flags.ts';

export const watchFlags = {
  watch: Flags.boolean({
    description: 'go on: on a terminal the screen is drawn anew, in a pipe each look is a line of JSON',
  }),
  every: durationFlag({ description: 'how often --watch looks', default: 1_000 }),
};

export const roleDirsFlag = Flags.string({
  description:
    'state directory of the role, running or stopped; the usual ones if left out [env: RINGBRIDGE_STATE_DIR]',
  helpValue: 'DIR',
  multiple: true,
  multipleNonGreedy: true,
});
