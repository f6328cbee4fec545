/** Flags of the commands that look at rings. */
import { Flags } from '@oclif/core';

export const stateDirsFlag = Flags.string({
  description:
    "state directory of a buffer or IM server, running or stopped; twice shows both ends; this user's usual ones if left out [env: RINGBRIDGE_STATE_DIR]",
  helpValue: 'DIR',
  multiple: true,
  multipleNonGreedy: true,
});

export const smscIdFlag = Flags.string({ description: 'only this SMSC', helpValue: 'NAME' });

export const laneFlag = Flags.option({
  description: 'mt: to handsets; mo: from handsets',
  options: ['mt', 'mo'] as const,
});
