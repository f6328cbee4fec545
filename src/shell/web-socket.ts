/**
 * The link's transport: binary WebSocket messages, one frame each, both ends. Proves nothing and keeps no connection
 * alive: login, heartbeats and reconnects are the core's. Limits on size, connections and their rate are here, because
 * they come before anything is proved. DESIGN section 3.
 */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import type { WebSocketAddress } from './address.ts';
import { ConnectionGate, type GateLimits, type Verdict } from './connection-gate.ts';
import { describeSocketError } from './socket-errors.ts';
import type { TlsMaterial } from './transport.ts';

export const linkPath = '/link';
export const linkSubprotocol = 'ringbridge.link.1';

export interface LinkTransportHandlers {
  readonly opened?: () => void;
  /** One binary message. */
  readonly received: (frame: Uint8Array) => void;
  /** Comes exactly once, as the last. `code` is of RFC 6455, section 7.4; 1006 where none was exchanged. */
  readonly closed: (code: number, reason: string) => void;
}

export interface LinkTransport {
  /** Sends one binary message; ignored once it is closed. */
  send(frame: Uint8Array): void;
  /**
   * Says goodbye behind what was sent; a peer that does not answer within two seconds is cut off.
   *
   * @param code 1000, or 4000–4999
   * @param reason at most 123 bytes; the rest is left out
   */
  close(code: number, reason: string): void;
  /** Cuts at once, without a word. */
  destroy(): void;
  /** Sent, not yet taken by the system. */
  readonly bufferedBytes: number;
  /** 32 bytes that only the two ends of this TLS know (RFC 8446, section 7.5); undefined without TLS at this end. */
  readonly tlsExporter: Uint8Array | undefined;
  /** The other end, for logs. */
  readonly remote: string;
}

export interface LinkLimits extends GateLimits {
  /** Longest message taken; a longer one closes the connection with 1009. Default 64 KiB. */
  readonly frameLimitBytes: number;
  /** A peer that leaves more than this unread is cut off. Default 8 MiB. */
  readonly bufferLimitBytes: number;
}

export interface DialOptions extends Partial<Pick<LinkLimits, 'frameLimitBytes' | 'bufferLimitBytes'>> {
  readonly tls?: TlsMaterial;
  /** Until the WebSocket stands. Default 10 s. */
  readonly connectTimeoutMs?: number;
}

export interface LinkListener {
  readonly connectionCount: number;
  /** Takes no new connections and says goodbye (1001) to those that stand. The HTTP server is left to its owner. */
  close(): void;
}

const defaults: LinkLimits & { readonly connectTimeoutMs: number } = {
  connectTimeoutMs: 10_000,
  frameLimitBytes: 64 * 1024,
  bufferLimitBytes: 8 * 1024 * 1024,
  connectionLimit: 256,
  attemptsPerMinute: 120,
};
const closeGraceMs = 2_000;
const exporterLabel = 'EXPORTER-ringbridge';

/** Dials the link of an IM server. */
export function dialLink(
  address: WebSocketAddress,
  handlers: LinkTransportHandlers,
  options: DialOptions = {},
): LinkTransport {
  const socket = new WebSocket(address.url, linkSubprotocol, {
    ...options.tls,
    handshakeTimeout: options.connectTimeoutMs ?? defaults.connectTimeoutMs,
    maxPayload: options.frameLimitBytes ?? defaults.frameLimitBytes,
    perMessageDeflate: false,
    followRedirects: false,
  });
  const transport = new WebSocketTransport(socket, address.url, options.bufferLimitBytes ?? defaults.bufferLimitBytes);
  transport.use(handlers);
  socket.once('upgrade', (response: IncomingMessage) => {
    response.socket.setNoDelay(true);
    transport.tlsExporter = exporterOf(response.socket);
  });
  socket.once('unexpected-response', (_request, response: IncomingMessage) => {
    transport.refused(`the other end answered HTTP ${response.statusCode}${hintOf(response.statusCode)}`);
    response.destroy();
  });
  socket.once('open', () => handlers.opened?.());
  return transport;
}

/**
 * Takes links at {@link linkPath} of an HTTP server. Upgrades for other paths are left to other listeners of the server.
 *
 * @param accept gives the handlers of a new connection; their `opened` is called behind it
 * @param onRefused told of a connection beyond the limits, which got 503 or 429
 */
export function acceptLinks(
  server: HttpServer | HttpsServer,
  accept: (transport: LinkTransport) => LinkTransportHandlers,
  limits: Partial<LinkLimits> = {},
  onRefused: (remote: string, verdict: Exclude<Verdict, 'welcome'>) => void = () => undefined,
): LinkListener {
  const { frameLimitBytes, bufferLimitBytes, ...gateLimits } = { ...defaults, ...limits };
  const gate = new ConnectionGate(gateLimits);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: frameLimitBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(linkSubprotocol) ? linkSubprotocol : false),
  });
  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    if (!isLinkRequest(request)) {
      // Nobody else is there to answer, and the connection would hang.
      if (server.listenerCount('upgrade') === 1) refuse(stream, '404 Not Found');
      return;
    }
    const remote = request.socket.remoteAddress ?? '';
    const verdict = gate.judge(remote, sockets.clients.size, performance.now());
    if (verdict !== 'welcome') {
      onRefused(remote, verdict);
      refuse(stream, verdict === 'full' ? '503 Service Unavailable' : '429 Too Many Requests');
    } else if (!offersLink(request)) {
      refuse(stream, '400 Bad Request');
    } else {
      sockets.handleUpgrade(request, stream, head, (socket) => {
        request.socket.setNoDelay(true);
        const transport = new WebSocketTransport(socket, `${remote}:${request.socket.remotePort}`, bufferLimitBytes);
        transport.tlsExporter = exporterOf(request.socket);
        const handlers = accept(transport);
        transport.use(handlers);
        handlers.opened?.();
      });
    }
  };
  server.on('upgrade', upgrade);
  return {
    get connectionCount() {
      return sockets.clients.size;
    },
    close: () => {
      server.off('upgrade', upgrade);
      for (const socket of sockets.clients) closeGently(socket, 1001, 'this end shuts down');
      sockets.close();
    },
  };
}

class WebSocketTransport implements LinkTransport {
  readonly remote: string;
  tlsExporter: Uint8Array | undefined;
  private readonly socket: WebSocket;
  private readonly bufferLimitBytes: number;
  private handlers: LinkTransportHandlers | undefined;
  /** The first thing that went wrong; later ones follow from it. */
  private reason: string | undefined;
  private state: 'live' | 'closing' | 'closed' = 'live';

  constructor(socket: WebSocket, remote: string, bufferLimitBytes: number) {
    this.socket = socket;
    this.remote = remote;
    this.bufferLimitBytes = bufferLimitBytes;
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (this.state !== 'live') return;
      if (isBinary) this.handlers?.received(plainBytes(data));
      else this.close(1003, 'binary messages only');
    });
    socket.on('error', (error) => {
      this.reason ??= describeSocketError(error);
    });
    socket.on('close', (code, text) => {
      if (this.state === 'closed') return;
      this.state = 'closed';
      const said = text.toString('utf8');
      this.handlers?.closed(code, this.reason ?? (said === '' ? 'closed by the other end' : said));
    });
  }

  use(handlers: LinkTransportHandlers): void {
    this.handlers = handlers;
  }

  get bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  send(frame: Uint8Array): void {
    if (this.state !== 'live' || this.socket.readyState !== WebSocket.OPEN) return;
    this.socket.send(frame, { binary: true });
    if (this.socket.bufferedAmount > this.bufferLimitBytes) {
      this.reason ??= `the other end left ${this.socket.bufferedAmount} bytes unread`;
      this.socket.terminate();
    }
  }

  close(code: number, reason: string): void {
    if (this.state !== 'live') return;
    this.state = 'closing';
    this.reason ??= reason;
    closeGently(this.socket, code, reason);
  }

  destroy(): void {
    this.reason ??= 'closed by this end';
    this.socket.terminate();
  }

  refused(reason: string): void {
    this.reason ??= reason;
    this.socket.terminate();
  }
}

function closeGently(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, cutToBytes(reason, 123));
  const timer = setTimeout(() => socket.terminate(), closeGraceMs);
  socket.once('close', () => clearTimeout(timer));
}

/** The longest beginning that takes at most so many bytes of UTF-8. */
function cutToBytes(text: string, limitBytes: number): string {
  const characters = [...text];
  while (Buffer.byteLength(characters.join('')) > limitBytes) characters.pop();
  return characters.join('');
}

/** A view without Buffer's own slice, which does not copy. */
function plainBytes(data: RawData): Uint8Array {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : data;
  return bytes instanceof ArrayBuffer
    ? new Uint8Array(bytes)
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function exporterOf(socket: unknown): Uint8Array | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  return new Uint8Array(socket.exportKeyingMaterial(32, exporterLabel, Buffer.alloc(0)));
}

/** Whether it is for {@link acceptLinks}. */
export function isLinkRequest(request: IncomingMessage): boolean {
  return pathOf(request) === linkPath;
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').replace(/[?#].*$/, '');
}

function offersLink(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol'] ?? '';
  return offered.split(',').some((protocol) => protocol.trim() === linkSubprotocol);
}

function refuse(stream: Duplex, status: string): void {
  stream.on('error', () => stream.destroy());
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => stream.destroy());
}

function hintOf(status: number | undefined): string {
  if (status === 429) return ': too many connections in a short time';
  if (status === 503) return ': it takes no more connections';
  if (status === 400) return ': it does not speak this version of the link';
  if (status === 404) return ': there is no link at this address';
  return '';
}
