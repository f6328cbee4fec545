// Deliberate defects, each some exact texts of source files and what stands there instead. A text that is not found exactly
// once makes `npm run sabotage` fail: a defect that does not apply proves nothing. `faults`: the only kinds that are drawn, for
// what shows under these alone and seldom beside all others.

export const defects = [
  {
    name: 'answers a deliver before it is on disk',
    changes: [
      {
        file: 'core/roles/buffer/buffer.ts',
        from: "when: isResponse(operation) || operation === logOut ? 'in-order' : requests,",
        to: "when: 'at-once',",
      },
    ],
  },
  {
    name: 'tells a status before its commit',
    changes: [
      {
        file: 'core/roles/one-commit.ts',
        from: "const said: (Output | Persist)[] = [{ type: 'persist', records }];\n  for (const output of outputs) if (!isPersist(output)) said.push(output);",
        to: "const said = outputs.filter((output) => !isPersist(output));\n  said.push({ type: 'persist', records });",
      },
    ],
  },
  {
    name: 'reuses a slot before it is settled',
    changes: [
      {
        file: 'core/ring/ring.ts',
        from: "return copy === undefined || copy.status === 'settled';",
        to: "return copy === undefined || copy.status !== 'placed';",
      },
    ],
  },
  {
    name: 'sends again what was in doubt without a mark',
    changes: [
      {
        file: 'core/sync/mirror.ts',
        from: "'doubt')) return [];\n    return this.keepAndTell(this.move(copy.seq, 'mirrored', now, { possibleDuplicate: true }), now);",
        to: "'doubt')) return [];\n    return this.keepAndTell(this.move(copy.seq, 'mirrored', now), now);",
      },
    ],
  },
  {
    name: 'sends again under hold',
    changes: [
      {
        file: 'core/sync/mirror.ts',
        from: "if (this.#isUnsure || (inDoubt === 'hold' && repetition === 'doubt')) return [];",
        to: 'if (this.#isUnsure) return [];',
      },
    ],
  },
  {
    name: 'recognises no redelivery',
    changes: [
      {
        file: 'core/roles/buffer/redelivery.ts',
        from: 'return candidate !== undefined && now - candidate.at < candidateMs ? candidate.messageId : undefined;',
        to: 'return candidate !== undefined && now < candidate.at ? candidate.messageId : undefined;',
      },
    ],
  },
  {
    name: 'takes too much for a redelivery',
    changes: [
      {
        file: 'core/roles/buffer/redelivery.ts',
        from: 'const identifying = [21, 23, 60, 30, 32, 33, 34, 61, 62, 63];',
        to: 'const identifying = [21, 23];',
      },
    ],
  },
  {
    name: 'takes a message out of the outbox and writes no slot',
    changes: [
      {
        file: 'core/sync/own-ring.ts',
        from: 'this.write.persist([...gone, ...this.write.wholeSlot(this.#ring, copy)]),',
        to: 'this.write.persist(gone),',
      },
    ],
  },
  {
    name: 'compares copies without their attempts',
    changes: [
      {
        file: 'core/ring/slot.ts',
        from: '(stage(a) > 0 ? 0 : a.attempts - b.attempts || rank(a) - rank(b))',
        to: '(stage(a) > 0 ? 0 : rank(a) - rank(b))',
      },
    ],
  },
  {
    name: 'forgets after a loss of power what was claimed ahead',
    faults: 'kill',
    changes: [
      {
        file: 'core/sync/consumer.ts',
        from: "} else if (notes === undefined && copy.status === 'mirrored'",
        to: "} else if (notes !== undefined && copy.status === 'mirrored'",
      },
    ],
  },
  {
    name: 'does not say again that a message is settled',
    changes: [
      {
        file: 'core/sync/producer-comparison.ts',
        from: "case 'lost-settle':\n        return copy === undefined ? [] : [this.#own.settledEntry(copy.seq, now)];",
        to: "case 'lost-settle':\n        return [];",
      },
    ],
  },
  {
    name: 'lets a later text pass one of its conversation that waits',
    changes: [
      {
        file: 'core/sync/waiting.ts',
        from: "if (message.status !== 'in-doubt' || this.#inDoubt === 'resend') blocked.add(message.conversation);",
        to: '',
      },
    ],
  },
  {
    name: 'keeps no mark of unknown fate for a new mirror',
    changes: [
      {
        file: 'core/sync/listing.ts',
        from: "return copy.status !== 'placed' || (mirror === 'new' && copy.isOffered);",
        to: "return copy.status !== 'placed';",
      },
    ],
  },
  {
    name: 'makes an epoch before the first contact',
    changes: [
      {
        file: 'core/sync/own-ring.ts',
        from: 'this.#state = recovered.state;',
        to: "const { size, newEpoch } = settings;\n    const fresh = { epoch: newEpoch(), size, mirrorStore: '', producerSeen: nothingSeen };\n    this.#state = recovered.state ?? fresh;",
      },
    ],
  },
  {
    name: 'reads frames from the older of two connections',
    changes: [
      {
        file: 'core/roles/im-server/im-server.ts',
        from: 'if (smsc === undefined || smsc.connection !== connection) return;\n        smsc.story.entryIn(now);\n        return this.#entry(',
        to: 'if (smsc === undefined) return;\n        return this.#entry(',
      },
      {
        file: 'core/link/acceptor.ts',
        from: "return this.#state.type === 'closed' ? [] : this.#abandon(input.code, input.reason);",
        to: 'return [];',
      },
    ],
  },
  {
    name: 'does not skip a slot that is occupied',
    changes: [
      {
        file: 'core/ring/sequence.ts',
        from: 'if (isAvailable(slotOf(candidate, size))) return candidate;',
        to: 'return candidate;',
      },
    ],
  },
  {
    name: 'counts in-doubt as failed',
    changes: [
      {
        file: 'core/roles/buffer/submitting.ts',
        from: 'return this.#lane.doubt(outstanding.seq, now);',
        to: "const outcome: Outcome = { status: 'refused', stamp: '', errorCode: 9, by: 'answer' };\n    return this.#lane.end(outstanding.seq, outcome, now);",
      },
    ],
  },
  {
    name: 'tells as failed what ended badly after doubt',
    changes: [
      {
        file: 'core/im/open-text.ts',
        from: "if (possibleDuplicate) return { type: 'lost', reason: reasonAfterDoubt(outcome) };",
        to: '',
      },
    ],
  },
  {
    name: 'keeps the window open after a timeout',
    changes: [
      {
        file: 'core/handshake/client-session.ts',
        from: "else this.#finish({ how: 'failed', code: 'SESSION_RESPONSE_TIMEOUT', reason: output.reason });",
        to: '',
      },
      {
        file: 'core/handshake/own-turn.ts',
        from: "return { type: 'unanswered',",
        to: "this.#outstanding.remove(request);\n      return { type: 'unanswered',",
      },
    ],
  },
  {
    name: 'takes a redelivery under another number for another deliver',
    changes: [
      {
        file: 'core/roles/buffer/redelivery.ts',
        from: "return [packet.operation, ...values].join('\\n');",
        to: "return [packet.operation, packet.packetNumber, ...values].join('\\n');",
      },
    ],
  },
  {
    name: 'forgets at a restart what may be delivered again',
    changes: [
      {
        file: 'core/roles/buffer/redelivery.ts',
        from: 'this.#candidates.set(identity, { place, at: instant(at), messageId });',
        to: '',
      },
    ],
  },
  {
    name: 'repeats a submit without a mark',
    faults: 'answers',
    changes: [
      {
        file: 'core/sync/consumer.ts',
        from: 'attempts: copy.attempts + 1, possibleDuplicate: true, movedAt: now };',
        to: 'attempts: copy.attempts + 1, movedAt: now };',
      },
    ],
  },
  {
    name: 'ends messages by the clock of the buffer',
    changes: [
      {
        file: 'core/roles/buffer/im-server-clock.ts',
        from: 'return this.#skew === undefined ? undefined : this.#skew.aheadMs - this.#skew.uncertainMs;',
        to: 'return 0;',
      },
    ],
  },
  {
    name: 'takes every report for a delivery',
    changes: [
      {
        file: 'core/im/open-text.ts',
        from: "if (status === 4) return { type: 'delivered' };",
        to: "if (status >= 2) return { type: 'delivered' };",
      },
    ],
  },
  {
    name: 'makes the same epoch each time',
    changes: [
      {
        file: 'core/roles/lane-habits.ts',
        from: 'const epoch = toHex(randomBytes(16)).toLowerCase();',
        to: 'const epoch = toHex(randomBytes(16).fill(7)).toLowerCase();',
      },
    ],
  },
  {
    name: 'starts on the disk of another SMSC',
    changes: [
      {
        file: 'core/store/identity.ts',
        from: "if (typeof smscId === 'string' && smscId !== owner.smscId) {",
        to: "if (typeof smscId === 'string' && smscId !== owner.smscId && smscId === '') {",
      },
    ],
  },
  {
    name: 'lets an older connection that logs in late replace the newer',
    faults: 'strand',
    changes: [
      {
        file: 'core/roles/im-server/smsc-lanes.ts',
        from: 'if (connection < this.#newestConnection) {',
        to: 'if (connection < 0) {',
      },
    ],
  },
  {
    name: 'does not notice that a store was set back',
    changes: [
      {
        file: 'core/store/identity.ts',
        from: 'return isWithin(position, position.run === this.run ? this.#position.count : this.#ends.get(position.run));',
        to: 'return true;',
      },
    ],
  },
  {
    name: 'hands over from a restored store before it has compared',
    changes: [
      {
        file: 'core/sync/mirror.ts',
        from: "this.#isUnsure = mirrorStore !== '' && mirrorStore !== settings.storeId();",
        to: 'this.#isUnsure = false;',
      },
    ],
  },
  {
    name: 'tells in heartbeats where its store is before it has compared',
    changes: [
      {
        file: 'core/sync/producer.ts',
        from: 'return this.#voice.isInStep ? this.#settings.position() : nothingSeen;',
        to: 'return this.#settings.position();',
      },
    ],
  },
  {
    name: 'takes the doubt from a message that loses its slot',
    changes: [
      {
        file: 'core/sync/own-ring.ts',
        from: 'attempts: attemptsOf(copy) }));',
        to: 'attempts: 0 }));',
      },
    ],
  },
  {
    name: 'counts what was sent among the unread of a conversation',
    changes: [
      {
        file: 'core/im/conversation-book.ts',
        from: "return last === undefined ? undefined : last + (direction === 'in' ? 1 : 0);",
        to: 'return last === undefined ? undefined : last + 1;',
      },
    ],
  },
  {
    name: 'knows no conversation of before its start',
    changes: [
      {
        file: 'core/im/conversation-book.ts',
        from: "if (known !== undefined) return known.standing === 'gone' ? undefined : known.standing;\n    return this.#onDisk(key);",
        to: "return known === undefined || known.standing === 'gone' ? undefined : known.standing;",
      },
    ],
  },
  {
    name: 'begins a page of conversations with the last of the one before',
    changes: [
      {
        file: 'core/im/conversation-list.ts',
        from: '{ after: keys.latest(user, before) };',
        to: '{ after: keys.latest(user, before + 1) };',
      },
    ],
  },
  {
    name: 'takes a conversation off the list whose older text is under way',
    changes: [
      {
        file: 'core/im/retention.ts',
        from: 'if (isLast && this.#areLeft(user, view, found)) return undefined;',
        to: '',
      },
    ],
  },
  {
    name: 'takes a conversation off the list in which something was just said',
    changes: [
      {
        file: 'core/im/exchange.ts',
        from: 'if (this.#memory.openTexts.has(id) || (lastOf !== undefined && !isSettled)) continue;',
        to: 'if (this.#memory.openTexts.has(id)) continue;',
      },
    ],
  },
];
