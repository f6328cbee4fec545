/** What is on disk of numbers and texts, in each privacy of a recording. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { toLatin1 } from '../../../src/core/base/bytes.ts';
import { decodePacket } from '../../../src/core/codec/decode.ts';
import { defaultReceiveLimitBytes, Framer } from '../../../src/core/codec/framer.ts';
import { packSeptets, toSeptets } from '../../../src/core/codec/gsm-alphabet.ts';
import type { RecordPrivacy } from '../../../src/shell/recording/discretion.ts';
import { entryKind } from '../../../src/shell/recording/entry-kind.ts';
import { readMove } from '../../../src/shell/recording/move.ts';
import { findRecording, type RecordedEntry, readRecording } from '../../../src/shell/recording/recording-reader.ts';
import { readRecordedMessage } from '../../../src/shell/recording/retold-message.ts';
import { password, phone, type SmallBridge, startSmallBridge } from './small-bridge.ts';

const latin = 'meet me at the old pier';
const cyrillic = 'встреча у старого причала';
const reply = 'I am on the way there now';

const bridges = new Map<RecordPrivacy, SmallBridge>();
async function recorded(privacy: RecordPrivacy): Promise<SmallBridge> {
  const known = bridges.get(privacy);
  if (known !== undefined) return known;
  const bridge = await startSmallBridge({ limitBytes: 64 * 1024 * 1024, keepMs: 86_400_000, privacy });
  bridges.set(privacy, bridge);
  await bridge.carry([latin, cyrillic]);
  await bridge.writeBack(reply);
  await bridge.drain();
  return bridge;
}
afterAll(async () => {
  for (const bridge of bridges.values()) await bridge.clear();
});

const dirsOf = ({ bufferDir, imDir, smscDir }: SmallBridge) => ({
  buffer: bufferDir,
  'im-server': imDir,
  smsc: smscDir,
});

/** Every way in which the program writes a text or a number down. */
function writings(text: string): readonly Buffer[] {
  const utf8 = Buffer.from(text, 'utf8');
  const ucs2 = Buffer.from(text, 'utf16le').swap16();
  const septets = toSeptets(text);
  const packed = septets === undefined ? [] : [Buffer.from(packSeptets(septets))];
  const all = [utf8, ucs2, Buffer.from(text, 'utf16le'), ...packed];
  const hex = all.flatMap((bytes) => [bytes.toString('hex'), bytes.toString('hex').toUpperCase()]);
  return [...all, ...hex.map((digits) => Buffer.from(digits))];
}

function found(dir: string, secrets: readonly string[]): readonly string[] {
  const bytes = Buffer.concat(findRecording(dir).map((file) => readFileSync(file)));
  return secrets.filter((secret) => writings(secret).some((writing) => bytes.includes(writing)));
}

function entries(dir: string): readonly RecordedEntry[] {
  return [...readRecording(findRecording(dir))].flatMap((item) => (item.type === 'entry' ? [item.entry] : []));
}

/** Without the last two digits and the first four, which a masked number shows. */
const middle = phone.slice(5, -2);

describe.each(['full', 'masked', 'hashed'] as const)('a recording with privacy %s', (privacy) => {
  it('has no password in it, however it is written', async () => {
    for (const dir of Object.values(dirsOf(await recorded(privacy)))) expect(found(dir, [password])).toEqual([]);
  });

  it(`has ${privacy === 'full' ? 'every number and text' : 'no number and no text'} in it`, async () => {
    const bridge = await recorded(privacy);
    const secrets = [latin, cyrillic, reply, middle, phone.slice(1)];
    for (const [role, dir] of Object.entries(dirsOf(bridge))) {
      const there = found(dir, secrets);
      expect({ role, there }).toEqual({ role, there: privacy === 'full' ? secrets : [] });
    }
  });

  it('tells of the same moves', async () => {
    const bridge = await recorded(privacy);
    const moves = entries(bridge.bufferDir).flatMap(({ kind, fields }) =>
      kind === entryKind.input && Array.isArray(fields[2]) ? fields[2] : [],
    );
    const statuses = moves.flatMap((move) => {
      const read = readMove(move, ['hel1']);
      return read?.type === 'moved' && read.lane === 'mt' && read.seq === 1 ? [read.status] : [];
    });
    expect(statuses).toEqual(['mirrored', 'in-flight', 'confirmed', 'settled']);
  });
});

describe('a hashed recording', () => {
  it('tells the same number the same way in packets, frames and what users asked for', async () => {
    const dirs = Object.values(dirsOf(await recorded('hashed')));
    const text = dirs.map((dir) => toLatin1(Buffer.concat(findRecording(dir).map((file) => readFileSync(file)))));
    // Each role has a key of its own, and each names its handset more than once under it.
    for (const bytes of text) {
      const counts = new Map<string, number>();
      for (const [pseudonym] of bytes.matchAll(/#[0-9a-f]{10}/g))
        counts.set(pseudonym, (counts.get(pseudonym) ?? 0) + 1);
      expect(Math.max(...counts.values())).toBeGreaterThanOrEqual(4);
    }
    const pseudonyms = text.map((bytes) => new Set([...bytes.matchAll(/#[0-9a-f]{10}/g)].map(([one]) => one)));
    expect([...(pseudonyms[0] ?? [])].filter((one) => pseudonyms[1]?.has(one))).toEqual([]);
  });
});

describe('a masked recording', () => {
  it('has packets that can be read, both ways, with right checksums (section 1.5)', async () => {
    const { bufferDir } = await recorded('masked');
    const packets = entries(bufferDir).flatMap(({ kind, fields }) => {
      if (kind === entryKind.sent && fields[1] instanceof Uint8Array) return [fields[1]];
      const [form] = fields;
      return kind === entryKind.input && Array.isArray(form) && form[0] === 's' ? [form[2]] : [];
    });
    // What came in one piece may be several packets.
    const framer = new Framer({ limitBytes: defaultReceiveLimitBytes, betweenLimitBytes: 0 });
    const framed = packets.flatMap((bytes) => (bytes instanceof Uint8Array ? framer.push(bytes) : []));
    const decoded = framed.map((event) => decodePacket(event.type === 'packet' ? event.bytes : new Uint8Array()));
    expect(decoded.every(({ ok }) => ok)).toBe(true);
    const values = decoded.flatMap((one) => (one.ok ? one.packet.parameters : []));
    expect(values.filter(({ code }) => code === 21).map(({ value }) => value)).toContain('+3584******67');
    expect(values.filter(({ code }) => code === 33).map(({ value }) => value)).toContain(`[${latin.length} ch]`);
    expect(values.filter(({ code }) => code === 11).map(({ value }) => value)).toEqual(['********']);
    expect(values.filter(({ code }) => code === 60).length).toBeGreaterThan(0);
  });

  it('has what is left of a message where the ring has it', async () => {
    const { imDir } = await recorded('masked');
    const messages = entries(imDir).flatMap(({ kind, fields }) =>
      kind === entryKind.input && Array.isArray(fields[2])
        ? fields[2].flatMap((move) => (readMove(move, ['hel1'])?.type === 'message' ? [readMove(move, ['hel1'])] : []))
        : [],
    );
    const told = messages.map((move) => (move?.type === 'message' ? readRecordedMessage(move.bytes) : undefined));
    expect(told).toMatchObject([
      { type: 'retold', to: '+3584******67', what: `[${latin.length} ch]` },
      { type: 'retold', to: '+3584******67', what: `[${cyrillic.length} ch]` },
    ]);
  });
});
