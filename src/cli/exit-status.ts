/**
 * What a command ends with, for scripts and systemd: the table of docs/errors.md. A number here never changes its
 * meaning; a new outcome gets a new number.
 */

export const exitStatus = {
  done: 0,
  bug: 1,
  usage: 2,
  refused: 3,
  loginRefused: 4,
  unreachable: 5,
  outcomeUnknown: 6,
  checkFailed: 7,
  partlyDone: 8,
  busy: 9,
  interrupted: 130,
  terminated: 143,
} as const;
