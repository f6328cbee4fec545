// The tests that prove a promise, by a short name: file and title as they stand in the source. `%s` and its like in a
// title stand for anything. docs/guarantees.md is printed from them once they have passed.

/** @param source where the title stands, if it is not in that file */
const test = (file, title, source = `${file}.test`) => ({
  file: `test/${file}.test.ts`,
  title,
  source: `test/${source}.ts`,
});

export const tests = {
  // What is told only behind the disk.
  barrier: test(
    'shell/runner/order',
    'performs outputs in order, and holds back what follows a persist until it is on disk',
  ),
  retry: test(
    'shell/runner/failing-disk',
    'tries again with growing waits up to 10 s, says so, and loses neither records nor order',
  ),
  commitKilled: test('shell/lmdb-store', 'loses nothing it told, with durability %s, when its process is killed'),
  diskFull: test('shell/lmdb-store', 'refuses with STORE_FULL where there is no room, and goes on when there is some'),
  diskFullAtStart: test(
    'shell/lmdb-store',
    'refuses to begin a store on a full disk, where LMDB would kill the process',
  ),
  // A person's text until it is in the ring.
  sameCid: test('core/im/exchange', 'is one text, whatever is sent again, also after a restart'),
  sameCidEarly: test('core/im/exchange', 'is one text even before the first is on disk'),
  sendIdempotent: test(
    'core/im/exchange-properties',
    'hands a send in once and stores an arrival once, however often they come',
  ),
  asIfNoRestart: test('core/im/exchange-properties', 'goes on after a restart as if there had been none'),
  outboxToRing: test(
    'core/sync/producer',
    'keeps what has no room in the outbox, and moves it into the ring in the commit that settles a slot',
  ),
  imDies: test('core/roles/im-server/im-server', 'loses nothing by dying at any moment'),
  imKeepsOutbox: test(
    'core/roles/im-server/im-server',
    'keeps what people write in the outbox while no buffer ever connected, and sends it when one does',
  ),
  // From the ring to the SMSC.
  claimFirst: test('core/sync/claims', 'hands nothing over before its claim is on disk'),
  notesKept: test(
    'core/sync/claims',
    'doubts only what was outstanding when the process was killed, and keeps the answers',
  ),
  notesLost: test('core/sync/claims', 'doubts all that was claimed and has no end where the notes are lost'),
  notesOfBoot: test(
    'shell/slot-notes',
    'trusts nothing where there is no file, after another start of the system, and where there is no boot id',
  ),
  resendMarked: test('core/sync/consumer', 'tries again under resend, marked, its conversation waiting'),
  holdWaits: test('core/sync/consumer', 'waits under hold, later ones of the conversation passing'),
  bufferDies: test(
    'core/roles/buffer/lives',
    'loses nothing by dying at any moment, and doubles only what was in doubt, marked',
  ),
  laneFates: test(
    'core/sync/lane-pair',
    'lose nothing, double nothing unmarked and come into step, whatever happens to them (repetition: %s)',
  ),
  // Lost and set-back disks.
  producerRebuilt: test('core/sync/producer', 'takes epoch, slots and next number from the digest in one commit'),
  producerGivenBack: test('core/sync/consumer', 'sends every unsettled message, once, to a producer that lost them'),
  doubtUntilHeld: test(
    'core/sync/producer',
    'keeps its doubt until the consumer holds the message, however often the connection is cut',
  ),
  restored: test(
    'core/roles/buffer/set-back',
    'with --restored hands over nothing before it has compared, and nothing that is settled',
  ),
  foundOut: test(
    'core/roles/buffer/set-back',
    'is found out without a word: it logs out, becomes another store and goes on when it is taken for that',
  ),
  imSetBack: test(
    'core/roles/buffer/set-back',
    'takes nothing for new that was handed over since: it is marked, and what the buffer knows ends well',
  ),
  renewed: test(
    'core/store/identity',
    'becomes another store where only the process was promised to survive and the system was started anew',
  ),
  // From the SMSC to a person.
  answerBehindDisk: test('core/roles/buffer/delivering', 'answers a deliver only once it is on disk'),
  redeliveredCut: test('core/roles/buffer/delivering', 'after the answer was lost with its session'),
  redeliveredRestart: test('core/roles/buffer/delivering', 'after a restart of the buffer'),
  twiceOnPurpose: test('core/roles/buffer/delivering', 'lets the same text pass that a handset sends twice on purpose'),
  answerAfterMirrored: test('core/roles/buffer/delivering', 'answers only what the IM server has on its disk'),
  mirroredOutlivesDisk: test('core/roles/buffer/delivering', 'loses nothing with the disk of the buffer'),
  imStoresMirrored: test(
    'core/roles/im-server/im-server',
    'stores what it mirrored before it died, also while the buffer is away',
  ),
  // Status reports.
  earlyReports: test(
    'core/im/doubt',
    'are kept as long as a message to that number is unsettled, over restarts, and an hour more (DESIGN 11)',
  ),
  stepsOnlyForward: test(
    'core/im/exchange-properties',
    'never lets a step go backwards, tells each text once, and ends every arrival once',
  ),
  // Full.
  ringFullWaits: test(
    'core/roles/buffer/delivering',
    'leaves the SMSC without an answer while its ring is full, drops nothing, and all of it arrives afterwards',
  ),
  ringFullDefers: test(
    'core/roles/buffer/delivering',
    'answers delivers with 900:10, keeps its session, and all of them arrive when there is room (2.9)',
  ),
  reportWaits: test('core/roles/buffer/delivering', 'leaves a status report unanswered: 73 cannot put it off (2.10)'),
  outboxLimit: test('core/im/exchange', 'more open texts than are kept, until one has ended'),
  diskBehind: test(
    'core/im/memory',
    'takes no more texts than may wait for a disk that is behind, and goes on when it has caught up',
  ),
  oneKind: test('sim/run', 'of kind %s alone are got over'),
  // Everything at once, all checkers after every event.
  seedsA: test('sim/seeds-a', 'keeps every promise on bad days: ten seeds from %i', 'sim/seeds'),
  seedsB: test('sim/seeds-b', 'keeps every promise on bad days: ten seeds from %i', 'sim/seeds'),
};
