/**
 * A serial line as a transport: set to raw bytes and its speed by stty(1), then opened as a terminal of Node. It has no
 * beginning and no end of a connection: nobody at the other end notices that it was opened or closed, and who is there
 * is found out by talking. SPEC: DESIGN section 5.
 */
import { execFile } from 'node:child_process';
import { closeSync, constants, open } from 'node:fs';
import { ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import { formatAddress, type SerialAddress } from './address.ts';
import { describeSocketError } from './socket-errors.ts';
import { SocketTransport } from './socket-transport.ts';
import type { Transport, TransportHandlers } from './transport.ts';

/** A device that stty(1) cannot set within this is not there. */
const sttyTimeoutMs = 5_000;

/** Opens the line; `opened` says only that the device is there. */
export function connectSerial(
  address: SerialAddress,
  handlers: TransportHandlers,
  options: { readonly bufferLimitBytes?: number } = {},
): Transport {
  const transport = new OpeningTransport(formatAddress(address), handlers);
  openSerial(address).then(
    (stream) => transport.opened(stream, options.bufferLimitBytes),
    (error: unknown) => transport.failed(error instanceof Error ? describeSocketError(error) : String(error)),
  );
  return transport;
}

/**
 * The device, raw: no echo, no signals, no flow control, 8N1, whatever the lines for modems say.
 *
 * @throws Error in the words of the system
 */
export async function openSerial({ path, baud }: SerialAddress): Promise<ReadStream> {
  const mode = ['raw', '-echo', 'clocal', 'cread', 'cs8', '-parenb', '-cstopb', '-crtscts', '-hupcl'];
  await promisify(execFile)('stty', ['-F', path, String(baud), ...mode], { timeout: sttyTimeoutMs }).catch(tellStty);
  // Without waiting for a carrier, and without becoming this process's terminal.
  const flags = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;
  const fd = await promisify(open)(path, flags);
  const stream = new ReadStream(fd);
  // libuv opens the device once more for itself; then the first descriptor is nobody's.
  const used = descriptorOf(stream);
  if (used !== undefined && used !== fd) closeSync(fd);
  return stream;
}

/** What stands between a transport that was asked for and the open device. */
class OpeningTransport implements Transport {
  readonly remote: string;
  readonly #handlers: TransportHandlers;
  #state:
    | { readonly type: 'opening' }
    | { readonly type: 'open'; readonly transport: SocketTransport }
    | { readonly type: 'given-up' } = { type: 'opening' };

  constructor(remote: string, handlers: TransportHandlers) {
    this.remote = remote;
    this.#handlers = handlers;
  }

  opened(stream: ReadStream, bufferLimitBytes: number | undefined): void {
    if (this.#state.type === 'given-up') {
      stream.destroy();
      return;
    }
    const transport = new SocketTransport(stream, this.remote, this.#handlers, bufferLimitBytes);
    // The other end never says that it ends: what was written is all there was to wait for.
    stream.once('finish', () => stream.destroy());
    this.#state = { type: 'open', transport };
    this.#handlers.opened?.();
  }

  failed(reason: string): void {
    if (this.#state.type === 'given-up') return;
    this.#state = { type: 'given-up' };
    this.#handlers.closed(reason);
  }

  get bufferedBytes(): number {
    return this.#state.type === 'open' ? this.#state.transport.bufferedBytes : 0;
  }

  write(bytes: Uint8Array): void {
    if (this.#state.type === 'open') this.#state.transport.write(bytes);
  }

  close(): void {
    if (this.#state.type === 'open') this.#state.transport.close();
    else this.#giveUp();
  }

  destroy(): void {
    if (this.#state.type === 'open') this.#state.transport.destroy();
    else this.#giveUp();
  }

  reset(): void {
    this.destroy();
  }

  pauseReading(): void {
    if (this.#state.type === 'open') this.#state.transport.pauseReading();
  }

  resumeReading(): void {
    if (this.#state.type === 'open') this.#state.transport.resumeReading();
  }

  /** Told later, as of any transport. */
  #giveUp(): void {
    if (this.#state.type === 'given-up') return;
    this.#state = { type: 'given-up' };
    setImmediate(() => this.#handlers.closed('closed by this end'));
  }
}

/** The first line that stty(1) wrote, without its name and that of the device, which the reader knows. */
function tellStty(error: unknown): never {
  if (!(error instanceof Error)) throw error;
  if ('code' in error && error.code === 'ENOENT') throw new Error('stty is not installed, which sets the line');
  const said = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : '';
  const reason = said.split('\n')[0]?.replace(/^stty: (?:'[^']*'|[^:]*): /, '') ?? '';
  throw new Error(reason === '' ? 'stty could not set the line' : reason, { cause: error });
}

/** Node does not tell it of a terminal; without it the descriptor stays open, which is only untidy. */
function descriptorOf(stream: ReadStream): number | undefined {
  const handle: unknown = Reflect.get(stream, '_handle');
  const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
  return typeof fd === 'number' ? fd : undefined;
}
