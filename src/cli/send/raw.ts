/**
 * Bytes as they are to an SMSC, after a login or without one, and whatever comes back: for packets that are wrong on
 * purpose. Nothing is answered and nothing repeated.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { formatAddress } from '../../shell/address.ts';
import { connectTransport } from '../../shell/tcp.ts';
import type { Transport } from '../../shell/transport.ts';
import { deferred } from '../cimd2/deferred.ts';
import { PacketTrace, type PacketTraceOptions } from '../cimd2/packet-trace.ts';
import { loginError } from '../cimd2/session-errors.ts';
import { openSmscSession, type SmscLogin } from '../cimd2/smsc-session.ts';

export interface RawOptions {
  readonly to:
    | { readonly type: 'session'; readonly login: SmscLogin }
    | { readonly type: 'connection'; readonly place: Pick<SmscLogin, 'address' | 'ca'> };
  /** One write each. */
  readonly writes: readonly Uint8Array[];
  /** How long to listen behind the last one. */
  readonly forMs: number;
  /** The login is over; what comes from now on may be an answer. */
  readonly onReady: () => void;
  readonly onPacket: PacketTraceOptions['onPacket'];
}

/**
 * @returns why the connection ended; undefined where it stood to the end
 * @throws OperatorError PEER_UNREACHABLE (5), SESSION_LOGIN_REFUSED (4)
 */
export async function exchangeRaw(options: RawOptions): Promise<string | undefined> {
  const { to, onPacket } = options;
  const line = to.type === 'session' ? await logIn(to.login, onPacket) : await connect(to.place, onPacket);
  const ended = line.ended.then((reason) => ({ reason }));
  options.onReady();
  for (const bytes of options.writes) line.write(bytes);
  const patience = new AbortController();
  const timeOver = pause(options.forMs, undefined, { signal: patience.signal }).catch(() => undefined);
  const end = await Promise.race([ended, timeOver]);
  patience.abort();
  line.close();
  return end?.reason;
}

interface Line {
  readonly ended: Promise<string>;
  write(bytes: Uint8Array): void;
  close(): void;
}

async function logIn(login: SmscLogin, onPacket: RawOptions['onPacket']): Promise<Line> {
  const session = await openSmscSession({
    ...login,
    reconnect: 'once',
    noise: 'show',
    // What the SMSC sends by itself is shown, and stays unanswered.
    on: { packet: onPacket, incoming: () => undefined },
  });
  return {
    ended: session.ended().then(({ reason }) => reason),
    write: (bytes) => session.raw(bytes),
    // A number that the raw bytes used up would make the logout one more wrong packet.
    close: () => session.abandon(),
  };
}

function connect({ address, ca }: Pick<SmscLogin, 'address' | 'ca'>, onPacket: RawOptions['onPacket']): Promise<Line> {
  const trace = new PacketTrace({ onPacket, noise: 'show' });
  const ended = deferred<string>();
  return new Promise((resolve, reject) => {
    const transport: Transport = connectTransport(
      address,
      {
        opened: () =>
          resolve({
            ended: ended.promise,
            write: (bytes) => {
              trace.sent(bytes);
              transport.write(bytes);
            },
            close: () => transport.close(),
          }),
        received: (bytes) => trace.received(bytes),
        closed: (reason) => {
          ended.resolve(reason);
          reject(loginError({ code: 'PEER_UNREACHABLE', reason }, formatAddress(address), ''));
        },
      },
      ca === undefined ? {} : { tls: { ca } },
    );
  });
}
