/**
 * What state directories say to a question about messages: of an IM server its texts, of it and of a buffer their rings
 * and links, of a simulated SMSC what its handsets have and wait for. Running roles are asked, stopped ones are read.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { OperatorError } from '../../core/base/errors.ts';
import type { TextSight } from '../../core/im/find-texts.ts';
import type { InboxItem, QueuedMessage } from '../../core/roles/smsc/smsc-io.ts';
import type { LinkView, RingView } from '../../core/store/ring-view.ts';
import { callControl } from '../../shell/control-client.ts';
import { type MessageQuestion, readMessages } from '../../shell/message-reader.ts';
import { type RingsRead, readRings } from '../../shell/ring-reader.ts';
import { findStateDirs } from '../ring/state-dirs.ts';

export type Side = RingView['side'];

export interface SourceDir {
  readonly stateDir: string;
  readonly role: Side | 'smsc';
  readonly state: RingsRead['state'];
  /** What a buffer does with a message in doubt, where it says so. */
  readonly inDoubt?: RingsRead['inDoubt'];
}

/** What a simulated SMSC has of one handset. */
export interface HandsetSight {
  readonly state: string;
  readonly inbox: readonly (Omit<InboxItem, 'at'> & { readonly at: string })[];
  readonly queue: readonly QueuedMessage[];
}

export interface MessageSources {
  readonly dirs: readonly SourceDir[];
  readonly texts: readonly TextSight[];
  readonly rings: readonly RingView[];
  /** As each end sees it; none of a stopped one. */
  readonly links: readonly (LinkView & { readonly side: Side })[];
  /** Undefined where no simulated SMSC runs, or it knows no such handset. */
  readonly handset: (number: string) => Promise<HandsetSight | undefined>;
}

/** @throws OperatorError CONFIG_MISSING, STORE_MISSING, and those of `readRings` and `readMessages` */
export async function readSources(
  given: readonly string[] | undefined,
  question: MessageQuestion,
): Promise<MessageSources> {
  const stateDirs = [...new Set((await findStateDirs(given, 'with')).map((stateDir) => resolve(stateDir)))];
  const read = await Promise.all(stateDirs.map((stateDir) => readDir(stateDir, question)));
  if (read.every(({ dir }) => dir.role === 'smsc')) throw noBridge(read.map(({ dir }) => dir.stateDir));
  const simulators = read
    .filter(({ dir }) => dir.role === 'smsc' && dir.state === 'running')
    .map(({ dir }) => dir.stateDir);
  return {
    dirs: read.map(({ dir }) => dir),
    texts: read.flatMap(({ texts }) => texts),
    rings: read.flatMap(({ rings }) => rings),
    links: read.flatMap(({ links }) => links),
    handset: async (number) => {
      const sights = await Promise.all(simulators.map((stateDir) => readHandset(stateDir, number)));
      return sights.find((sight) => sight !== undefined);
    },
  };
}

interface ReadDir extends Pick<MessageSources, 'texts' | 'rings' | 'links'> {
  readonly dir: SourceDir;
}

async function readDir(stateDir: string, question: MessageQuestion): Promise<ReadDir> {
  if ((await roleRunningAt(stateDir)) === 'smsc') {
    return { dir: { stateDir, role: 'smsc', state: 'running' }, texts: [], rings: [], links: [] };
  }
  const read = await readRings(stateDir, 'with').catch((error: unknown) => {
    // A simulated SMSC has no store: of one that ended nothing is left to ask.
    if (error instanceof OperatorError && error.code === 'STORE_MISSING' && existsSync(stateDir)) return undefined;
    throw error;
  });
  if (read === undefined) return { dir: { stateDir, role: 'smsc', state: 'stopped' }, texts: [], rings: [], links: [] };
  const { role, state, rings, links, inDoubt } = read;
  // A bundle has rings and recordings, and no texts.
  const hasTexts = role === 'im-server' && state !== 'copied';
  const texts = hasTexts ? await readMessages(stateDir, question, state) : [];
  const dir = { stateDir, role, state, ...(inDoubt === undefined ? {} : { inDoubt }) };
  return { dir, texts, rings, links: links.map((link) => ({ ...link, side: role })) };
}

function noBridge(stateDirs: readonly string[]): OperatorError {
  return new OperatorError({
    code: 'STORE_MISSING',
    message: `There is neither a buffer nor an IM server in ${stateDirs.join(', ')}.`,
    hint: 'Give the --state-dir of a buffer or of an IM server; what a simulated SMSC knows is only added to that.',
  });
}

async function roleRunningAt(stateDir: string): Promise<string | undefined> {
  try {
    return String(Object(await callControl(stateDir, 'GET /who')).role);
  } catch (error) {
    if (error instanceof OperatorError && error.code === 'CONTROL_UNREACHABLE') return undefined;
    throw error;
  }
}

async function readHandset(stateDir: string, number: string): Promise<HandsetSight | undefined> {
  try {
    const query = new URLSearchParams({ number });
    // The simulator is of this machine and its answer of our own making.
    return (await callControl(stateDir, `GET /handset?${query}`)) as HandsetSight;
  } catch (error) {
    // It has never heard of that number; or it has just ended, and then it knows nothing any more.
    const isGone = error instanceof OperatorError && /^CONTROL_(BAD_REQUEST|UNREACHABLE)$/.test(error.code);
    if (isGone) return undefined;
    throw error;
  }
}
