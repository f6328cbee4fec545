/** A word that is said once, at a start: so it is no setting, and no configuration can keep it. */
import { Flags } from '@oclif/core';

export const restoredFlag = Flags.boolean({
  description: 'the state directory was put back from a backup: what it has not ended may have been handed over since',
});
