// What is promised, path by path, against what may happen; how each promise is kept, and which tests prove it. DESIGN
// section 4 is where the promises come from.
import { tests } from './tests.mjs';

const anyDay = ['seedsA', 'seedsB'];

/** What happens to a role, and the chapters of `npm run crash` that do it to processes. */
export const happenings = [
  { name: 'process killed', chapters: ['kill', 'drain'] },
  { name: 'power lost', chapters: [] },
  { name: 'one disk lost', chapters: ['deleted', 'corrupt'] },
];

/** Of each path one cell per happening, in that order. */
export const paths = [
  {
    name: 'MT, IM client → ring',
    cells: [
      {
        promise: 'exactly once',
        how: 'A text is called *stored* behind the commit that holds it and its place in outbox or ring. A client that was not told hands it in again under the same id, which is known from memory until that commit and from the store afterwards. Out of the outbox and into the ring is one commit.',
        proof: ['sameCid', 'sameCidEarly', 'sendIdempotent', 'outboxToRing', 'imDies', 'commitKilled', ...anyDay],
      },
      {
        promise: 'exactly once',
        how: 'The same: a commit counts when it is flushed to the device, and what follows from it waits for that.',
        proof: ['barrier', 'asIfNoRestart', ...anyDay],
      },
      {
        promise: 'what the mirror holds is rebuilt',
        how: 'An IM server with an empty store takes epoch, slots and next number from the digest of the buffer, then the messages; each ends as it would have. Gone are accounts, histories, and what no buffer had mirrored: the outbox, and what was just placed. A lost buffer is given again what is in the ring.',
        proof: ['producerRebuilt', 'producerGivenBack', 'imSetBack', 'laneFates', ...anyDay],
      },
    ],
  },
  {
    name: 'MT, ring → SMSC',
    cells: [
      {
        promise:
          'at least once; only what was in doubt can double, each marked and counted (at most once with `--in-doubt hold`)',
        how: 'No submit leaves before the claim for it is on disk, and what left and what was answered is noted at once. So after a kill only what was outstanding is in doubt: it is counted and marked *possible duplicate* before it goes again, or waits for a decision.',
        proof: ['claimFirst', 'notesKept', 'resendMarked', 'holdWaits', 'bufferDies', 'laneFates', ...anyDay],
      },
      {
        promise: 'the same',
        how: 'Notes are not flushed, so another start of the system makes them worthless: everything claimed that has no end on disk is in doubt, 128 at most.',
        proof: ['notesLost', 'notesOfBoot', ...anyDay],
      },
      {
        promise: 'the same; messages of unknown fate are marked',
        how: 'The IM server knows which store it sent to. To another store it sends every unsettled message again, those that were ever written to a connection as of unknown fate: in doubt, and so marked or held. A lost IM server changes nothing for what the buffer holds. A store that was set back hands over nothing before it has compared, if it is started with `--restored`; without, it is found out at the first comparison.',
        proof: ['doubtUntilHeld', 'restored', 'foundOut', 'laneFates', ...anyDay],
      },
    ],
  },
  {
    name: 'MO, SMSC → IM user',
    cells: [
      {
        promise: 'exactly once',
        how: 'A deliver is answered behind the commit that places it in the ring. Where the answer was lost and the SMSC delivers again, it is recognised by addresses, time stamp, coding, header and content, also over restarts. The IM server stores by message id, in the commit that ends the slot.',
        proof: [
          'answerBehindDisk',
          'redeliveredCut',
          'redeliveredRestart',
          'twiceOnPurpose',
          'imStoresMirrored',
          'imDies',
          'bufferDies',
          ...anyDay,
        ],
      },
      {
        promise: 'exactly once',
        how: 'The same, since nothing here relies on notes.',
        proof: ['barrier', 'asIfNoRestart', ...anyDay],
      },
      {
        promise: 'what the mirror holds is rebuilt; of the buffer’s disk all with `--answer-after mirrored`',
        how: 'A lost buffer takes over what the IM server has mirrored; lost is what it had answered to the SMSC and not mirrored yet, which is nothing with `--answer-after mirrored`. It recognises no redelivery of the time before. A lost IM server is given again what is in the ring; what it had stored for its users was nowhere else.',
        proof: [
          'producerRebuilt',
          'producerGivenBack',
          'answerAfterMirrored',
          'mirroredOutlivesDisk',
          'laneFates',
          ...anyDay,
        ],
      },
    ],
  },
  {
    name: 'status report → sender’s tick',
    cells: [
      {
        promise: 'exactly once',
        how: 'A report goes the way of a message from a handset. The step of its text is written in the commit that ends its slot; one that comes before the answer to its submit is kept on disk until that is known.',
        proof: ['sendIdempotent', 'stepsOnlyForward', 'earlyReports', ...anyDay],
      },
      { promise: 'exactly once', how: 'The same.', proof: ['barrier', 'asIfNoRestart', ...anyDay] },
      {
        promise: 'as MO',
        how: 'The same as a message from a handset. The reports of texts that were lost with the IM server’s disk find nobody.',
        proof: ['producerRebuilt', 'producerGivenBack', ...anyDay],
      },
    ],
  },
];

/** What `--durability process` changes. */
export const processDurability = {
  name: 'with `--durability process`',
  how: 'A commit counts when the system has it. The column *process killed* stays as it is, and *power lost* reads as *one disk lost*: a role that starts under another boot of its system, without having ended in order, becomes another store, as with `--restored`. Where the power of both ends goes at once, that is two disks, which is not promised.',
  proof: ['commitKilled', 'renewed', 'restored'],
  chapters: [],
};

/** Where there is no room, who waits, and how it goes on. */
export const full = [
  {
    name: 'ring to handsets full',
    how: 'Texts wait in the outbox of the IM server, on its disk, and move on in the commit that frees a slot.',
    proof: ['outboxToRing', 'imKeepsOutbox'],
    chapters: ['outbox'],
  },
  {
    name: 'ring from handsets full',
    how: 'Delivers stay unanswered and the SMSC keeps them; with `--on-full defer` it is told to try later. Status reports always wait.',
    proof: ['ringFullWaits', 'ringFullDefers', 'reportWaits', ...anyDay],
    chapters: [],
  },
  {
    name: 'too much on its way (100,000 texts)',
    how: 'One more is refused with `IM_OUTBOX_FULL`, which says that it may be tried again, and taken as soon as one has ended.',
    proof: ['outboxLimit'],
    chapters: [],
  },
  {
    name: 'disk full or read-only, at either end',
    how: 'What is promised behind a commit is not promised: no *stored*, no answer to the SMSC, no status. The commit is tried again until there is room, and then all of it goes on by itself. Beyond 16,384 texts that wait for the disk the IM server refuses more (`IM_OUTBOX_FULL`). A role does not start on a full disk.',
    proof: ['retry', 'diskBehind', 'diskFull', 'diskFullAtStart', 'oneKind', ...anyDay],
    chapters: ['disk', 'readonly', 'outbox'],
  },
];

export { tests };
