/**
 * How many connections the port of the IM server has, in all and from one address, so that a crowd of clients leaves
 * room for the disk and for the links of buffers. Who comes when it is full is let into a small room: a buffer that asks
 * for its link there gets a place, everybody else is told to come back. Nothing has been proved by anybody yet.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type LogEvent, logEvent } from '../core/base/log-event.ts';

export interface PortLimits {
  /** Connections in all. Default 4,096, or what the system allows this process, less {@link ownFiles}. */
  readonly connectionLimit: number;
  /** Of one remote address; of this machine all may come, since a proxy here stands for everybody. Default 512. */
  readonly perAddress: number;
  /** Places of the room before a full port; whoever came first is sent away for one more. Default 64. */
  readonly crowdLimit: number;
  /** How long somebody may stay there without asking for a link. Default 2 s. */
  readonly crowdMs: number;
}

/** Files, and connections to others, that have to be possible beside those of the port. */
const ownFiles = 256;
const defaults = { connectionLimit: 4_096, perAddress: 512, crowdLimit: 64, crowdMs: 2_000 } as const;
const retryAfterSeconds = 5;

/** The same for the raw connection and for the one that TLS makes of it. */
type Place = string | Socket;

export class PortLimit {
  private readonly limits: PortLimits;
  private readonly log: (event: LogEvent) => void;
  private readonly places = new Set<Place>();
  private readonly byAddress = new Map<string, number>();
  /** In order of coming. */
  private readonly crowd = new Map<Place, { readonly socket: Socket; readonly timer: NodeJS.Timeout }>();
  /** Whether a connection can be told anything before TLS stands. */
  private readonly isPlain: boolean;

  constructor(transport: 'http' | 'https', limits: Partial<PortLimits>, log: (event: LogEvent) => void) {
    const possible = Math.max(64, openFilesLimit() - ownFiles);
    this.limits = { ...defaults, connectionLimit: Math.min(defaults.connectionLimit, possible), ...limits };
    this.log = log;
    this.isPlain = transport === 'http';
  }

  get connectionCount(): number {
    return this.places.size;
  }

  /** A new connection, before it has said anything. */
  take(socket: Socket): void {
    const place = placeOf(socket);
    const address = socket.remoteAddress ?? '';
    const why = this.whyNot(address);
    socket.once('close', () => this.left(place, address));
    if (why === undefined) {
      this.places.add(place);
      this.byAddress.set(address, (this.byAddress.get(address) ?? 0) + 1);
      return;
    }
    const from = why === 'address' ? { remote: address } : {};
    this.log(logEvent('warn', 'port.full', { code: 'IM_LIMIT_REACHED', why, connections: this.places.size, ...from }));
    for (const first of this.crowd.keys()) if (this.crowd.size >= this.limits.crowdLimit) this.sendAway(first);
    const timer = setTimeout(() => this.sendAway(place), this.limits.crowdMs);
    this.crowd.set(place, { socket, timer });
  }

  /** Whether what came on this connection is to be refused, though it came in. */
  isRefused(request: IncomingMessage): boolean {
    return this.crowd.has(placeOf(request.socket));
  }

  /** A buffer asks for its link: from here on the limits of links count. */
  takeLink(request: IncomingMessage): void {
    const place = placeOf(request.socket);
    clearTimeout(this.crowd.get(place)?.timer);
    this.crowd.delete(place);
  }

  answer(response: ServerResponse): void {
    response.writeHead(503, headers).end(body);
  }

  private whyNot(address: string): 'full' | 'address' | undefined {
    if (this.places.size >= this.limits.connectionLimit) return 'full';
    if (isThisMachine(address)) return undefined;
    return (this.byAddress.get(address) ?? 0) >= this.limits.perAddress ? 'address' : undefined;
  }

  private left(place: Place, address: string): void {
    clearTimeout(this.crowd.get(place)?.timer);
    this.crowd.delete(place);
    if (!this.places.delete(place)) return;
    const count = (this.byAddress.get(address) ?? 1) - 1;
    if (count > 0) this.byAddress.set(address, count);
    else this.byAddress.delete(address);
  }

  private sendAway(place: Place): void {
    const one = this.crowd.get(place);
    if (one === undefined) return;
    this.crowd.delete(place);
    clearTimeout(one.timer);
    one.socket.on('error', () => one.socket.destroy());
    if (this.isPlain) one.socket.end(refusal, () => one.socket.destroy());
    else one.socket.destroy();
  }
}

/** As everywhere: `error/1`. */
const body = `${JSON.stringify({
  schema: 'error/1',
  error: {
    code: 'IM_LIMIT_REACHED',
    message: 'The server has as many connections as it takes.',
    hint: 'Try again after the seconds of retry-after.',
    retryable: true,
  },
})}\n`;
const headers = {
  'content-type': 'application/json',
  'content-length': String(Buffer.byteLength(body)),
  'retry-after': String(retryAfterSeconds),
  connection: 'close',
} as const;
/** The same for who has not asked for anything, or for something else than a document. */
export const refusal = `HTTP/1.1 503 Service Unavailable\r\n${Object.entries(headers)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('')}\r\n${body}`;

function placeOf(socket: Socket): Place {
  const { remoteAddress, remotePort } = socket;
  return remotePort === undefined ? socket : `${remoteAddress} ${remotePort}`;
}

function isThisMachine(address: string): boolean {
  return address === '' || address === '::1' || /^(::ffff:)?127\./.test(address);
}

/** Linux tells it; where nobody does, the default of {@link PortLimits} is possible. */
function openFilesLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
