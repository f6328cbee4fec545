/** The zone of the SMSC's clock, asked for where an absolute time is to be sent. SPEC: reference sections 2.8 and 3.4. */
import { OperatorError } from '../../core/base/errors.ts';
import type { Instant } from '../../core/base/time.ts';
import { parameterOf } from '../../core/codec/packet.ts';
import { parseSmscTime } from '../../core/codec/smsc-time.ts';
import type { SmscSession } from '../cimd2/smsc-session.ts';
import { exitStatus } from '../exit-status.ts';

const get = 9;
const quarterMinutes = 15;

/**
 * @returns minutes that its local time is ahead of UTC, in quarters of an hour
 * @throws OperatorError SMSC_REFUSED where it does not say: a guess could deliver at the wrong hour
 */
export async function askZone(session: SmscSession, now: () => Instant): Promise<number> {
  const result = await session.request(get, [{ code: 500, value: '501' }]);
  const digits = result.type === 'answered' ? parameterOf(result.packet, 501) : undefined;
  const asUtc = digits === undefined ? undefined : parseSmscTime(digits, 0);
  if (asUtc !== undefined) return Math.round((asUtc - now()) / 60_000 / quarterMinutes) * quarterMinutes;
  throw new OperatorError({
    code: 'SMSC_REFUSED',
    message: 'The SMSC does not tell its local time (Get 501), which an absolute time needs. Nothing was sent.',
    hint: "Give a duration like 2h, or twelve digits yymmddhhmmss in the SMSC's own local time.",
    exitStatus: exitStatus.refused,
  });
}
