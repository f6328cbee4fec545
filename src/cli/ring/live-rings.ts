/**
 * The rings of several state directories, kept up to date: running roles tell what changed over their control sockets,
 * stores of stopped ones are read once, and a role that starts or stops meanwhile is noticed. Reads only.
 */
import { setTimeout as waitMs } from 'node:timers/promises';
import { OperatorError } from '../../core/base/errors.ts';
import type { LinkView, RingView } from '../../core/store/ring-view.ts';
import { streamControl } from '../../shell/control-client.ts';
import type { RingNewsDocument } from '../../shell/ring-news.ts';
import { type RingsRead, readRings } from '../../shell/ring-reader.ts';
import { type RingUpdate, updateRing } from './known-rings.ts';

/** One directory as it is known. */
export interface LiveDir {
  readonly stateDir: string;
  readonly role: RingsRead['role'];
  readonly state: RingsRead['state'];
  readonly rings: readonly RingView[];
  readonly links: readonly LinkView[];
}

/** What came of one look. */
export interface LiveUpdate {
  readonly dir: LiveDir;
  /** Milliseconds since 1970, by the clock of whoever told. */
  readonly at: number;
  /** Whether the role was just found running, or stopped. */
  readonly isTurn: boolean;
  readonly rings: readonly RingUpdate[];
  /** Left out where none changed. */
  readonly links?: readonly LinkView[];
}

export interface LiveOptions {
  readonly stateDirs: readonly string[];
  /** While it is not done nothing more is read, and the role tells less often. */
  readonly onUpdate: (update: LiveUpdate) => void | Promise<void>;
  /** Aborted by whoever has seen enough. */
  readonly signal: AbortSignal;
}

/** How often a stopped role is looked for. */
const lookForRoleMs = 1_000;

/** Until the signal is aborted. @throws OperatorError of `readRings`, CONTROL_BAD_REQUEST of a role of another version */
export async function followRings({ stateDirs, onUpdate, signal }: LiveOptions): Promise<void> {
  await Promise.all(stateDirs.map((stateDir) => followDir(stateDir, onUpdate, signal)));
}

type Tell = (dir: LiveDir, at: number, rings: readonly RingUpdate[], links?: readonly LinkView[]) => Promise<void>;

async function followDir(stateDir: string, onUpdate: LiveOptions['onUpdate'], signal: AbortSignal): Promise<void> {
  let known: LiveDir | undefined;
  const tell: Tell = async (dir, at, rings, links) => {
    const isTurn = known?.state !== dir.state;
    known = dir;
    await onUpdate({ dir, at, isTurn, rings, ...(links === undefined ? {} : { links }) });
  };
  while (!signal.aborted) {
    try {
      for await (const value of streamControl(stateDir, 'GET /rings/news', { signal })) {
        // The role is of this machine; one of another version has no such route.
        const news = value as RingNewsDocument;
        const { dir, updates } = heard(known, stateDir, news);
        await tell(dir, news.at, updates, news.links);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!isRoleGone(error)) throw error;
    }
    if (signal.aborted) return;
    if (known?.state !== 'stopped') await tellStopped(stateDir, tell);
    await waitMs(lookForRoleMs, undefined, { signal }).catch(() => undefined);
  }
}

function heard(
  known: LiveDir | undefined,
  stateDir: string,
  news: RingNewsDocument,
): { readonly dir: LiveDir; readonly updates: readonly RingUpdate[] } {
  const before = known?.state === 'running' ? known : undefined;
  const rings = [...(before?.rings ?? [])];
  const updates = news.rings.map((word) => {
    const at = rings.findIndex((ring) => ring.smscId === word.smscId && ring.lane === word.lane);
    const update = updateRing(rings[at], word);
    rings.splice(at < 0 ? rings.length : at, 1, update.ring);
    return update;
  });
  const dir: LiveDir = { stateDir, role: news.role, state: 'running', rings, links: news.links ?? before?.links ?? [] };
  return { dir, updates };
}

/** The store as the role left it; unless it runs again already, which the next look will tell. */
async function tellStopped(stateDir: string, tell: Tell): Promise<void> {
  const read = await readRings(stateDir);
  if (read.state === 'running') return;
  const { role, rings } = read;
  const updates = rings.map((ring): RingUpdate => {
    const changes = ring.slots
      .filter(({ status }) => status !== 'free')
      .map((after) => ({ before: { ...after, status: 'free' as const }, after }));
    return { ring, extent: 'whole', changes };
  });
  await tell({ stateDir, role, state: 'stopped', rings, links: [] }, Date.now(), updates);
}

/** It stopped, was killed, or never ran. */
function isRoleGone(error: unknown): boolean {
  if (error instanceof OperatorError) return error.code === 'CONTROL_UNREACHABLE';
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
