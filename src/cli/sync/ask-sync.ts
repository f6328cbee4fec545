/** Asks both ends for what `sync-status.ts` compares: their rings, and what they say of link and lanes. Changes nothing. */
import { OperatorError } from '../../core/base/errors.ts';
import { pairRings, refuseUnknownSmsc } from '../ring/ring-pairs.ts';
import { readAllRings } from '../ring/ring-source.ts';
import { type AskedRole, askRole, isBuffer, roleOf, smscIdsOf } from '../status/ask-status.ts';
import { comparisonsOf } from './replay.ts';
import type { SyncSource, TellingEnd } from './sync-status.ts';

/** @throws OperatorError as `askRole` and `readAllRings`; CONFIG_BAD_VALUE for an SMSC that is not there */
export async function askSync(
  stateDirs: readonly string[],
  smscId: string | undefined,
): Promise<readonly SyncSource[]> {
  const [asked, read] = await Promise.all([Promise.all(stateDirs.map(askRole)), readAllRings(stateDirs)]);
  refuseUnknownSmsc(read.rings, smscId);
  const paired = pairRings(read.rings, read.links, { smscId, side: 'both', lane: undefined });
  const compared = comparisonsOf(read, smscId);
  if (paired.length === 0) throw nothingToCompare();
  const now = Date.now();
  return paired.map(({ smscId: id, lanes: pairs }) => ({
    smscId: id,
    ends: asked.flatMap((role) => endOf(role, id) ?? []),
    comparisons: compared.find((each) => each.smscId === id)?.lanes ?? [],
    pairs,
    stopped: asked
      .filter((role) => role.state === 'stopped' && smscIdsOf(role).includes(id))
      .map((role) => `the ${roleOf(role)} (${role.stateDir})`),
    now,
  }));
}

function endOf(asked: AskedRole, smscId: string): TellingEnd | undefined {
  if (asked.state === 'stopped') return undefined;
  const { status } = asked;
  const smsc = (isBuffer(status) ? [status] : status.smscs).find((each) => each.smscId === smscId);
  if (smsc === undefined) return undefined;
  return { side: status.role, link: smsc.link, lanes: { mt: smsc.mt, mo: smsc.mo } };
}

function nothingToCompare(): OperatorError {
  return new OperatorError({
    code: 'CONFIG_BAD_VALUE',
    message: 'There are no rings in these state directories yet.',
    hint: 'Give the state directory of a buffer and that of its IM server.',
  });
}
