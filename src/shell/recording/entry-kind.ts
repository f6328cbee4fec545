/**
 * What an entry of a recording is: its first element. Each is a positional list; its second element is its time in
 * milliseconds, counted from the block it is in.
 *
 *   whose  [0, at, role, version, smsc ids, privacy]               whose recording it is; first in every file
 *   rings  [1, at, smsc, lane, epoch, size, [slot, …]]             every slot of a lane as it is now; behind `whose`
 *   life   [2, at, settings, identity, notes]                      a machine is made
 *   asked  [3, at, answer, …]                                      what making it was told, in this order
 *   input  [4, at, input, said, moves, answers, events]            one input, and what came of it; the last may be absent
 *   bug    [5, at, input, statement, answers]                      the machine failed at this input
 *   gap    [6, at, count]                                          so many entries were dropped here
 *   link   [7, at, smsc, state, round trip in ms]                  the link, where it changed
 *   end    [8, at, why]                                            the role ended in order
 *   sent   [9, at, connection, packet]                             what was sent, where the privacy is not `full`
 *   digest [10, at, number, …]                                     a number for each ring as the machine holds it
 *
 * Where the privacy is not `full`, a life has no settings, nothing is `asked`, `said` is 0, and inputs and messages are
 * as `retelling.ts` makes them. An SMSC is its place in the list of `whose`, a lane its place in `laneNames`; slots and moves are in `lane-mirror.ts`.
 */
export const entryKind = {
  whose: 0,
  rings: 1,
  life: 2,
  asked: 3,
  input: 4,
  bug: 5,
  gap: 6,
  link: 7,
  end: 8,
  sent: 9,
  digest: 10,
} as const;
