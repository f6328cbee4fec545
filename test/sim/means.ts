/** What a simulated world takes from the shell. */
import { hmacSha256, sha256 } from '../../src/shell/hashing.ts';
import { valueCodec } from '../../src/shell/values.ts';
import type { WorldMeans } from '../../src/sim/world-tools.ts';

export const means: WorldMeans = { codec: valueCodec, sha256, hmac: hmacSha256 };
