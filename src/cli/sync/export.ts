/**
 * Writes what is let go of to a file before it is: one message a line, with text, addresses and status, unmasked, for the
 * owner only. On disk when it resolves.
 */
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OperatorError } from '../../core/base/errors.ts';
import { hasNoEnd } from '../ring/ring-document.ts';
import type { Surrender } from './surrender.ts';

export interface Exported {
  readonly surrender: Surrender;
  /** Undefined where there was nothing to write. */
  readonly file: string | undefined;
}

/**
 * @param file for all of them; undefined makes one in the state directory of each end that lets go
 * @throws OperatorError CONFIG_UNREADABLE where the file is there already or cannot be written
 */
export async function exportAll(
  surrenders: readonly Surrender[],
  file: string | undefined,
  now: number,
): Promise<readonly Exported[]> {
  const texts = new Map<string, string>();
  const exported = surrenders.map((surrender): Exported => {
    if (surrender.slots.length === 0) return { surrender, file: undefined };
    const path = file ?? join(surrender.stateDir, `exported-${surrender.ring.smscId}-${compactTime(now)}.jsonl`);
    texts.set(path, (texts.get(path) ?? '') + linesOf(surrender));
    return { surrender, file: path };
  });
  for (const [path, text] of texts) await writeSynced(path, text);
  return exported;
}

function linesOf({ ring, slots }: Surrender): string {
  const { smscId, side, lane, epoch } = ring;
  return slots
    .map(({ movedAt, message, isOffered: _offered, ...slot }) => {
      const moved = movedAt === undefined ? {} : { movedAt: new Date(movedAt).toISOString() };
      const { createdAt = 0, validUntil = 0, ...rest } = message ?? {};
      const validity = hasNoEnd(validUntil) ? {} : { validUntil: new Date(validUntil).toISOString() };
      const content =
        message === undefined
          ? {}
          : { message: { ...rest, createdAt: new Date(createdAt).toISOString(), ...validity } };
      return JSON.stringify({ schema: 'sync.exported/1', smscId, side, lane, epoch, ...slot, ...moved, ...content });
    })
    .map((line) => `${line}\n`)
    .join('');
}

/** Neither the file nor its name is lost with the power: what is in it may be deleted elsewhere a moment later. */
async function writeSynced(path: string, text: string): Promise<void> {
  try {
    // Never over another export.
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    const folder = await open(dirname(path), 'r');
    await folder.sync().finally(() => folder.close());
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new OperatorError({
      code: 'CONFIG_UNREADABLE',
      message: `The messages cannot be exported to ${path} (${reason}). Nothing was let go of.`,
      hint: 'Name a file with --export that does not exist yet, in a directory that this user can write.',
      cause,
    });
  }
}

/** `20261122T123045Z` */
function compactTime(now: number): string {
  return new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}
