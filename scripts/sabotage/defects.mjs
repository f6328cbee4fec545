// Deliberate defects, each an exact text of a source file and what stands there instead. A text that is not found exactly
// once makes `npm run sabotage` fail: a defect that does not apply proves nothing.

export const defects = [
  {
    name: 'answers a deliver before it is on disk',
    file: 'core/roles/buffer/buffer.ts',
    from: "when: isResponse(operation) || operation === logOut ? 'in-order' : requests,",
    to: "when: 'at-once',",
  },
  {
    name: 'tells a status before its commit',
    file: 'core/sync/consumer.ts',
    from: 'return [...noted, this.#persist([this.#slotRecord(copy)]), ...told];',
    to: 'return [...noted, ...told, this.#persist([this.#slotRecord(copy)])];',
  },
  {
    name: 'reuses a slot before it is settled',
    file: 'core/ring/ring.ts',
    from: "return copy === undefined || copy.status === 'settled';",
    to: "return copy === undefined || copy.status !== 'placed';",
  },
  {
    name: 'sends again what was in doubt without a mark',
    file: 'core/sync/consumer.ts',
    from: "'doubt') return [];\n    return this.#keepAndTell(this.#move(copy.seq, 'mirrored', now, { possibleDuplicate: true }), now);",
    to: "'doubt') return [];\n    return this.#keepAndTell(this.#move(copy.seq, 'mirrored', now), now);",
  },
  {
    name: 'sends again under hold',
    file: 'core/sync/consumer.ts',
    from: "if (this.#settings.inDoubt === 'hold' && this.#settings.repetition === 'doubt') return [];",
    to: '',
  },
  {
    name: 'recognises no redelivery',
    file: 'core/roles/buffer/redelivery.ts',
    from: 'return candidate !== undefined && now - candidate.at < candidateMs;',
    to: 'return candidate !== undefined && now < candidate.at;',
  },
  {
    name: 'takes too much for a redelivery',
    file: 'core/roles/buffer/redelivery.ts',
    from: 'const identifying = [21, 23, 60, 30, 32, 33, 34, 61, 62, 63];',
    to: 'const identifying = [21, 23];',
  },
  {
    name: 'takes a message out of the outbox and writes no slot',
    file: 'core/sync/producer.ts',
    from: 'this.#persist([...gone, ...this.#wholeRecords(copy)]),',
    to: 'this.#persist(gone),',
  },
  {
    name: 'compares copies without their attempts',
    file: 'core/ring/slot.ts',
    from: '(stage(a) > 0 ? 0 : a.attempts - b.attempts || rank(a) - rank(b))',
    to: '(stage(a) > 0 ? 0 : rank(a) - rank(b))',
  },
  {
    name: 'forgets after a loss of power what was claimed ahead',
    file: 'core/sync/consumer.ts',
    from: "} else if (notes === undefined && copy.status === 'mirrored'",
    to: "} else if (notes !== undefined && copy.status === 'mirrored'",
  },
  {
    name: 'does not say again that a message is settled',
    file: 'core/sync/producer.ts',
    from: "case 'lost-settle':\n        return copy === undefined ? [] : [this.#settledEntry(copy.seq, now)];",
    to: "case 'lost-settle':\n        return [];",
  },
  {
    name: 'lets a later text pass one of its conversation that waits',
    file: 'core/sync/waiting.ts',
    from: "if (message.status !== 'in-doubt' || this.#inDoubt === 'resend') blocked.add(message.conversation);",
    to: '',
  },
  {
    name: 'keeps no mark of unknown fate for a new mirror',
    file: 'core/sync/producer.ts',
    from: "const isUntouched = copy.status === 'placed' && !(isNewMirror && copy.isOffered);",
    to: "const isUntouched = copy.status === 'placed';",
  },
];
