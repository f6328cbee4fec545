import type { ChangedProgram } from '../sabotage/changed-program.mjs';

export const lines: readonly ChangedProgram[];
