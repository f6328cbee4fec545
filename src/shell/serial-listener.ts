/**
 * Listening on a serial line: one connection at a time. One begins with the first packet, or with a login while another
 * is under way, since nothing else tells that the client went away and came back. SPEC: DESIGN section 5.
 */
import { OperatorError } from '../core/base/errors.ts';
import { formatAddress, type SerialAddress } from './address.ts';
import { type Found, LoginFinder } from './login-finder.ts';
import { connectSerial, openSerial } from './serial.ts';
import { describeSocketError } from './socket-errors.ts';
import type { ListenOptions, Transport, TransportHandlers, TransportListener } from './transport.ts';

/** A device that went away is looked for so often. */
const reopenMs = 1_000;
const stx = 2;

/** @throws OperatorError `CONFIG_BAD_ADDRESS` where the device cannot be opened now */
export async function listenSerial(
  address: SerialAddress,
  accept: (transport: Transport) => TransportHandlers,
  options: Pick<ListenOptions, 'bufferLimitBytes' | 'lineChanged'> = {},
): Promise<TransportListener> {
  const probe = await openSerial(address).catch((error: unknown) => {
    throw listenError(error, address);
  });
  probe.destroy();
  const line = new SharedLine(address, accept, options);
  line.open();
  return {
    address,
    get connectionCount() {
      return line.isBusy ? 1 : 0;
    },
    close: () => line.close(),
  };
}

/** The device, and whoever talks over it now. */
class SharedLine {
  readonly #address: SerialAddress;
  readonly #accept: (transport: Transport) => TransportHandlers;
  readonly #options: Pick<ListenOptions, 'bufferLimitBytes' | 'lineChanged'>;
  #device: Transport | undefined;
  #connection: LineConnection | undefined;
  #finder = new LoginFinder();
  #reopening: NodeJS.Timeout | undefined;
  #onClosed: (() => void) | undefined;
  /** The device went away, and that was told. */
  #isLost = false;

  constructor(
    address: SerialAddress,
    accept: (transport: Transport) => TransportHandlers,
    options: Pick<ListenOptions, 'bufferLimitBytes' | 'lineChanged'>,
  ) {
    this.#address = address;
    this.#accept = accept;
    this.#options = options;
  }

  get isBusy(): boolean {
    return this.#connection !== undefined;
  }

  open(): void {
    this.#finder = new LoginFinder();
    const handlers: TransportHandlers = {
      opened: () => {
        if (!this.#isLost) return;
        this.#isLost = false;
        this.#options.lineChanged?.('back', 'opened again');
      },
      received: (bytes) => {
        for (const found of this.#finder.push(bytes)) this.#take(found);
      },
      closed: (reason) => this.#deviceClosed(reason),
    };
    this.#device = connectSerial(this.#address, handlers, this.#options);
  }

  close(): Promise<void> {
    clearTimeout(this.#reopening);
    this.#connection?.end('closed by this end');
    if (this.#device === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onClosed = resolve;
      this.#device?.close();
    });
  }

  #take(found: Found): void {
    if (found.type === 'login') {
      this.#connection?.end('a new login came over the line');
      this.#begin();
      return;
    }
    // Outside of a connection everything in front of a packet is noise.
    const start = this.#connection === undefined ? found.bytes.indexOf(stx) : 0;
    if (start < 0) return;
    if (this.#connection === undefined) this.#begin();
    this.#connection?.received(found.bytes.subarray(start));
  }

  #begin(): void {
    const connection = new LineConnection(formatAddress(this.#address), {
      device: () => this.#device,
      onEnd: () => {
        if (this.#connection === connection) this.#connection = undefined;
      },
    });
    this.#connection = connection;
    connection.begin(this.#accept(connection));
  }

  #deviceClosed(reason: string): void {
    this.#device = undefined;
    this.#connection?.end(reason);
    if (this.#onClosed !== undefined) {
      this.#onClosed();
      return;
    }
    // Not at each vain try to open it again.
    if (!this.#isLost) this.#options.lineChanged?.('lost', reason);
    this.#isLost = true;
    this.#reopening = setTimeout(() => this.open(), reopenMs);
  }
}

interface LineHooks {
  readonly device: () => Transport | undefined;
  readonly onEnd: () => void;
}

/** One client's life on the line. Its end is known here only; the device stays open for the next one. */
class LineConnection implements Transport {
  readonly remote: string;
  readonly #hooks: LineHooks;
  #handlers: TransportHandlers | undefined;
  #isEnded = false;

  constructor(remote: string, hooks: LineHooks) {
    this.remote = remote;
    this.#hooks = hooks;
  }

  begin(handlers: TransportHandlers): void {
    this.#handlers = handlers;
    handlers.opened?.();
  }

  received(bytes: Uint8Array): void {
    if (!this.#isEnded) this.#handlers?.received(bytes);
  }

  end(reason: string): void {
    if (this.#leave()) this.#handlers?.closed(reason);
  }

  get bufferedBytes(): number {
    return this.#isEnded ? 0 : (this.#hooks.device()?.bufferedBytes ?? 0);
  }

  write(bytes: Uint8Array): void {
    if (!this.#isEnded) this.#hooks.device()?.write(bytes);
  }

  close(): void {
    this.#endLater('closed by this end');
  }

  destroy(): void {
    this.#endLater('closed by this end');
  }

  reset(): void {
    this.#endLater('reset by this end');
  }

  pauseReading(): void {
    if (!this.#isEnded) this.#hooks.device()?.pauseReading();
  }

  resumeReading(): void {
    if (!this.#isEnded) this.#hooks.device()?.resumeReading();
  }

  /** Told later, as of any transport; nothing comes in any more at once. */
  #endLater(reason: string): void {
    if (this.#leave()) setImmediate(() => this.#handlers?.closed(reason));
  }

  /** @returns false if that was before */
  #leave(): boolean {
    if (this.#isEnded) return false;
    // The next one shall be heard.
    this.resumeReading();
    this.#isEnded = true;
    this.#hooks.onEnd();
    return true;
  }
}

function listenError(error: unknown, address: SerialAddress): OperatorError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const reason = error instanceof Error ? describeSocketError(error) : String(error);
  const isDenied = code === 'EACCES' || /permission denied/i.test(reason);
  return new OperatorError({
    code: 'CONFIG_BAD_ADDRESS',
    message: `Cannot open ${formatAddress(address)}: ${reason}.`,
    hint: isDenied
      ? 'Serial devices belong to a group, on Debian dialout: add the user that runs ringbridge to it.'
      : 'Check the name of the device with ls -l /dev/tty*, and that nothing else has it open.',
    cause: error,
  });
}
