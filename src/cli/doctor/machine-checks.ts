/** What of a role can be looked at on this machine: versions, its state directory, who holds it, its disk, how it is. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OperatorError } from '../../core/base/errors.ts';
import { skewOfConcernMs } from '../../core/link/link-story.ts';
import { storePath } from '../../shell/lmdb-store.ts';
import { roomAt } from '../../shell/status/role-facts.ts';
import { ownVersion } from '../../shell/version.ts';
import { formatDuration } from '../duration.ts';
import { type AskedRole, askRole, isBuffer } from '../status/ask-status.ts';
import { verdictOf } from '../status/findings.ts';
import { findingsOf } from '../status/role-report.ts';
import { bytesText, shortMs, skewText } from '../status/words.ts';
import { type Check, failed, passed, skipped } from './check.ts';

/** For a day or so of a busy bridge, with its history. */
const enoughRoomBytes = 256 * 1024 ** 2;

export function versionCheck(): Check {
  const { node } = process.versions;
  const text = `ringbridge ${ownVersion()} on Node ${node}, ${process.platform} ${process.arch}`;
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const isKnown = major > 20 || (major === 20 && minor >= 19);
  return isKnown ? passed('versions', text) : failed('versions', text, 'install Node 20.19 or later');
}

/** A directory, as far as it can be looked at; `asked` is undefined where nobody and nothing answers for it. */
export interface LookedAt {
  readonly stateDir: string;
  readonly asked: AskedRole | undefined;
  readonly checks: readonly Check[];
}

export async function lookAtStateDir(stateDir: string): Promise<LookedAt> {
  const rights = await rightsCheck(stateDir);
  if (rights.result === 'failed') return { stateDir, asked: undefined, checks: [rights] };
  const room = await roomCheck(stateDir);
  try {
    const asked = await askRole(stateDir);
    return {
      stateDir,
      asked,
      checks: [rights, holderCheck(asked), room, ...commitChecks(asked), ...wellChecks(asked)],
    };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { stateDir, asked: undefined, checks: [rights, failed('store', error.message, error.hint), room] };
  }
}

/** How far the clocks of the two ends of each link are apart, as running roles measured it. */
export function clockChecks(asked: readonly AskedRole[]): readonly Check[] {
  const links = asked.flatMap((role) => {
    if (role.state === 'stopped') return [];
    const { status } = role;
    return isBuffer(status) ? [status.link] : status.smscs.map(({ link }) => link);
  });
  const known = links.flatMap(({ smscId, skew }) => (skew === undefined ? [] : [{ smscId, skew }]));
  if (known.length === 0) return [skipped('clock', 'not compared: no role runs here whose link is up')];
  return known.map(({ smscId, skew }) => {
    const text = `the clock at the other end of ${smscId} is ${skewText(skew)}`;
    return Math.abs(skew.aheadMs) <= skewOfConcernMs + skew.uncertainMs
      ? passed('clock', text)
      : failed('clock', text, 'let both machines keep time by NTP (timedatectl set-ntp true)');
  });
}

async function rightsCheck(stateDir: string): Promise<Check> {
  const name = 'state directory';
  try {
    const found = await stat(stateDir);
    if (!found.isDirectory())
      return failed(name, `${stateDir} is no directory`, 'give the directory of a role with --state-dir');
    const store = await stat(storePath(stateDir)).catch(() => undefined);
    const open = [
      ...((found.mode & 0o077) === 0 ? [] : [`${stateDir} (${modeText(found.mode)})`]),
      ...(store === undefined || (store.mode & 0o077) === 0
        ? []
        : [`${join(stateDir, 'store.lmdb')} (${modeText(store.mode)})`]),
    ];
    const ownId = process.getuid?.();
    if (ownId !== undefined && ownId !== 0 && found.uid !== ownId) {
      const text = `${stateDir} belongs to user ${found.uid}, and this is user ${ownId}`;
      return failed(name, text, 'run this as the user of the role, or change the owner: chown');
    }
    if (open.length === 0) return passed(name, `${stateDir} is for its owner alone`);
    return failed(name, `others may look into ${open.join(' and ')}`, `let only its owner: chmod -R go= ${stateDir}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failed(
      name,
      reason,
      'give the directory of a role with --state-dir; a role makes its own when it is first started',
    );
  }
}

function holderCheck(asked: AskedRole): Check {
  if (asked.state === 'stopped')
    return skipped('lock', `nobody holds ${asked.stateDir}: the ${asked.role} does not run`);
  const { role, pid, since, at } = asked.status;
  return passed('lock', `held by the ${role}, process ${pid}, for ${formatDuration(at - since)}`);
}

async function roomCheck(stateDir: string): Promise<Check> {
  const { freeBytes, problem } = await roomAt(stateDir);
  if (freeBytes === undefined) {
    return failed('disk', `${stateDir} cannot be written: ${problem}`, 'make it writable for the user of the role');
  }
  const text = `${bytesText(freeBytes)} free for ${stateDir}`;
  return freeBytes >= enoughRoomBytes
    ? passed('disk', text)
    : failed('disk', text, `make room: at least ${bytesText(enoughRoomBytes)}`);
}

/** With `disk` each message waits for a few of these. */
const slowCommitMs = 100;

function commitChecks(asked: AskedRole): readonly Check[] {
  const took = asked.state === 'running' ? asked.status.disk.commits.took : undefined;
  if (took === undefined) return [];
  const text = `a commit takes ${shortMs(took.medianMs)} (median of ${took.count})`;
  if (took.medianMs <= slowCommitMs) return [passed('commits', text)];
  return [failed('commits', text, 'give the state directory a faster local disk; every message waits for commits')];
}

function wellChecks(asked: AskedRole): readonly Check[] {
  if (asked.state === 'stopped') return [];
  const { role } = asked.status;
  const troubles = verdictOf(findingsOf(asked)).findings.filter(({ weight }) => weight === 'trouble');
  if (troubles.length === 0) return [passed(role, 'it says that it is well')];
  return troubles.map(({ what, todo }) => failed(role, what, todo));
}

function modeText(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}
