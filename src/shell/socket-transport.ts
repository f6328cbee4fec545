/**
 * One connection over anything that Node gives as a socket: TCP, TLS, Unix, a serial device. What each can do is the
 * contract `Transport` in `transport.ts`.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describeSocketError } from './socket-errors.ts';
import type { Transport, TransportHandlers } from './transport.ts';

const defaultBufferLimitBytes = 4 * 1024 * 1024;
const closeGraceMs = 2_000;

export class SocketTransport implements Transport {
  readonly remote: string;
  private readonly socket: Socket;
  private readonly bufferLimitBytes: number;
  private handlers: TransportHandlers | undefined;
  /** The first thing that went wrong; later ones follow from it. */
  private reason: string | undefined;
  private state: 'live' | 'closing' | 'closed' = 'live';

  constructor(
    socket: Socket,
    remote: string,
    handlers: TransportHandlers | undefined,
    bufferLimitBytes: number = defaultBufferLimitBytes,
  ) {
    this.socket = socket;
    this.remote = remote;
    this.handlers = handlers;
    this.bufferLimitBytes = bufferLimitBytes;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      // A view without Buffer's own slice, which does not copy.
      const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
      if (this.state === 'live') this.handlers?.received(bytes);
    });
    socket.on('error', (error) => {
      this.reason ??= describeSocketError(error);
    });
    socket.on('end', () => {
      this.reason ??= 'closed by the other end';
    });
    socket.on('close', () => {
      if (this.state === 'closed') return;
      this.state = 'closed';
      this.handlers?.closed(this.reason ?? 'closed');
    });
  }

  use(handlers: TransportHandlers): void {
    this.handlers = handlers;
  }

  get bufferedBytes(): number {
    return this.socket.writableLength;
  }

  write(bytes: Uint8Array): void {
    if (this.state !== 'live' || this.socket.destroyed || this.socket.writableEnded) return;
    this.socket.write(bytes);
    if (this.socket.writableLength > this.bufferLimitBytes) {
      this.cut(`the other end left ${this.socket.writableLength} bytes unread`);
    }
  }

  close(): void {
    if (this.state !== 'live') return;
    this.state = 'closing';
    this.reason ??= 'closed by this end';
    this.socket.end();
    const timer = setTimeout(() => this.socket.destroy(), closeGraceMs);
    this.socket.once('close', () => clearTimeout(timer));
    this.socket.resume();
  }

  destroy(): void {
    this.cut('closed by this end');
  }

  reset(): void {
    this.reason ??= 'reset by this end';
    // Node resets bare TCP only.
    const isTcp = this.socket.remoteAddress !== undefined && !(this.socket instanceof TLSSocket);
    if (isTcp) this.socket.resetAndDestroy();
    else this.socket.destroy();
  }

  cut(reason: string): void {
    this.reason ??= reason;
    this.socket.destroy();
  }

  pauseReading(): void {
    this.socket.pause();
  }

  resumeReading(): void {
    this.socket.resume();
  }
}
