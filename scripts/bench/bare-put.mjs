// One awaited put of a bare store: LMDB with the settings the product relies on, and nothing of the product around it.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { median } from './turn-taker.mjs';

/** About what a message in a slot takes. */
const valueBytes = 300;
const slotCount = 255;

/**
 * @param {string} dir on the disk that the roles use
 * @returns {Promise<{ puts: number, meanMs: number, medianMs: number }>}
 */
export async function measurePuts(dir, { warmUp, puts, forMs }) {
  // Only now, since what is typed is judged before.
  const { open } = await import('lmdb');
  const home = mkdtempSync(join(dir, 'put-'));
  const database = open({
    path: join(home, 'store.lmdb'),
    noSubdir: true,
    encoding: 'binary',
    eventTurnBatching: false,
    overlappingSync: false,
  });
  const value = Buffer.alloc(valueBytes, 7);
  const spans = [];
  try {
    for (let count = 0; count < warmUp; count += 1) await database.put(count % slotCount, value);
    const endAt = performance.now() + forMs;
    for (let count = 0; count < puts && (count === 0 || performance.now() < endAt); count += 1) {
      value.writeUInt32LE(count);
      const begin = performance.now();
      await database.put(count % slotCount, value);
      spans.push(performance.now() - begin);
    }
  } finally {
    await database.close();
    rmSync(home, { recursive: true, force: true });
  }
  const sum = spans.reduce((total, span) => total + span, 0);
  return { puts: spans.length, meanMs: sum / spans.length, medianMs: median(spans) };
}
