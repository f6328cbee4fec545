// One line each of ring, sync and handshake, and what stands there instead: a replay has to notice. A text that is not
// found exactly once stops the proof: a change that does not apply proves nothing.

export const lines = [
  {
    name: 'ring: a number is left out where the next slot is taken',
    changes: [
      {
        file: 'core/ring/sequence.ts',
        from: 'for (let step = 1; step <= size; step += 1) {',
        to: 'for (let step = 2; step <= size; step += 1) {',
      },
    ],
  },
  {
    name: 'ring: a digest tells another highest number',
    changes: [
      {
        file: 'core/ring/digest.ts',
        from: 'lastSeq: ring.lastSeq,',
        to: 'lastSeq: ring.inUse,',
      },
    ],
  },
  {
    name: 'sync: an attempt is counted twice',
    changes: [
      {
        file: 'core/sync/consumer.ts',
        from: "const moved = this.#mirror.move(copy.seq, 'in-flight', now, { attempts: copy.attempts + 1 });\n    this.#claims.used();",
        to: "const moved = this.#mirror.move(copy.seq, 'in-flight', now, { attempts: copy.attempts + 2 });\n    this.#claims.used();",
      },
    ],
  },
  {
    name: 'sync: what was in doubt is sent again without a mark',
    changes: [
      {
        file: 'core/sync/mirror.ts',
        from: "'doubt')) return [];\n    return this.keepAndTell(this.move(copy.seq, 'mirrored', now, { possibleDuplicate: true }), now);",
        to: "'doubt')) return [];\n    return this.keepAndTell(this.move(copy.seq, 'mirrored', now), now);",
      },
    ],
  },
  {
    name: 'handshake: a packet number is left out (section 4.1)',
    changes: [
      {
        file: 'core/handshake/own-turn.ts',
        from: 'this.#nextNumber = nextPacketNumber(packet.packetNumber);',
        to: 'this.#nextNumber = nextPacketNumber(nextPacketNumber(packet.packetNumber));',
      },
    ],
  },
];
