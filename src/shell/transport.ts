/**
 * What a connection to an SMSC can do, whatever carries it: the contract between `tcp.ts`, the serial line and their
 * users. Types only.
 */
import type { TransportAddress } from './address.ts';

export interface TransportHandlers {
  readonly opened?: () => void;
  readonly received: (bytes: Uint8Array) => void;
  /** Comes exactly once, as the last, also where `opened` never came and where this end closed. */
  readonly closed: (reason: string) => void;
}

export interface Transport {
  /** Sends the bytes behind all earlier ones; ignored once it is closed. */
  write(bytes: Uint8Array): void;
  /** Sends what was written, then closes; a peer that does not take it is cut off after two seconds. Reads no more. */
  close(): void;
  /** Cuts at once. */
  destroy(): void;
  /** Cuts at once, and over TCP the other end learns it by a reset, as from a machine that forgot the connection. */
  reset(): void;
  pauseReading(): void;
  resumeReading(): void;
  /** Written, not yet taken by the system. */
  readonly bufferedBytes: number;
  /** The other end, for logs. */
  readonly remote: string;
}

/** PEM texts, as node:tls takes them. */
export interface TlsMaterial {
  /** Certificates of authorities to trust instead of the system's. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface TransportOptions {
  readonly tls?: TlsMaterial;
  /** Until the connection stands, its TLS included. Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** A peer that leaves more than this unread is cut off. Default 4 MiB. */
  readonly bufferLimitBytes?: number;
}

export interface ListenTls extends TlsMaterial {
  /** `required`: only clients with a certificate of an authority in `ca`. */
  readonly clients?: 'anybody' | 'required';
}

export interface ListenOptions extends Omit<TransportOptions, 'connectTimeoutMs' | 'tls'> {
  readonly tls?: ListenTls;
  /** Connections beyond this are closed at once. Default 256. */
  readonly connectionLimit?: number;
  /** A serial device went away, and once when it can be opened again; nothing else that listens is lost while it lives. */
  readonly lineChanged?: (state: 'lost' | 'back', reason: string) => void;
}

export interface TransportListener {
  /** With the port it got. */
  readonly address: TransportAddress;
  readonly connectionCount: number;
  /** Takes no new connections and cuts those that stand. */
  close(): Promise<void>;
}
