/**
 * Addresses as people write them: of an SMSC (`tcp://`, `tls://`, `unix:`, `serial:`), of a place to listen at (`host:port`) and of
 * an IM server (`ws://`, `wss://`). Only their form; whether anybody is there is found out by connecting.
 */
import { OperatorError } from '../core/base/errors.ts';

export interface HostAndPort {
  readonly host: string;
  /** 0–65535; 0 only where one listens. */
  readonly port: number;
}

export type TransportAddress =
  | ({ readonly type: 'tcp' } & HostAndPort)
  | ({ readonly type: 'tls' } & HostAndPort)
  | { readonly type: 'unix'; readonly path: string }
  | SerialAddress;

/** A serial line; 8 data bits, no parity, one stop bit. */
export interface SerialAddress {
  readonly type: 'serial';
  /** Of the device. */
  readonly path: string;
  /** Bits per second, one of {@link serialSpeeds}. */
  readonly baud: number;
}

/** What stty(1) knows everywhere. */
export const serialSpeeds = [
  1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600,
] as const;

export interface WebSocketAddress extends HostAndPort {
  readonly type: 'ws' | 'wss';
  /** As given, without credentials; what is dialled. */
  readonly url: string;
}

/**
 * Where an SMSC is: `tcp://host:port`, `tls://host:port`, `unix:/path`, `serial:/device?baud=115200`.
 *
 * @throws OperatorError `CONFIG_BAD_ADDRESS`
 */
export function parseTransportAddress(text: string): TransportAddress {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length).replace(/^\/\/(?=\/)/, '');
    if (!path.startsWith('/'))
      throw badAddress(text, 'a path that begins with / belongs behind unix:', 'unix:/run/smsc.sock');
    return { type: 'unix', path };
  }
  if (text.startsWith('serial:')) return parseSerialAddress(text);
  const match = /^(tcp|tls):\/\/([^/]*)\/?$/.exec(text);
  const type = match?.[1];
  if (type !== 'tcp' && type !== 'tls') {
    throw badAddress(text, 'it begins with none of tcp://, tls://, unix:, serial:', 'tcp://127.0.0.1:9971');
  }
  const { host, port } = parseHostAndPort(match?.[2] ?? '', text, `${type}://127.0.0.1:9971`);
  if (port === 0) throw badAddress(text, 'port 0 cannot be connected to', `${type}://127.0.0.1:9971`);
  return { type, host, port };
}

/**
 * Where to listen: `host:port`, `:port` for all addresses, or any {@link TransportAddress}; port 0 takes a free one.
 *
 * @throws OperatorError `CONFIG_BAD_ADDRESS`
 */
export function parseListenAddress(text: string): TransportAddress {
  if (text.startsWith('unix:') || text.startsWith('serial:')) return parseTransportAddress(text);
  const match = /^(?:(tcp|tls):\/\/)?([^/]*)\/?$/.exec(text);
  if (match === null) throw badAddress(text, 'it is no host:port', '127.0.0.1:8080');
  const place = match[2] ?? '';
  const { host, port } = parseHostAndPort(place.startsWith(':') ? `0.0.0.0${place}` : place, text, '127.0.0.1:8080');
  return { type: match[1] === 'tls' ? 'tls' : 'tcp', host, port };
}

/**
 * Where an IM server is: `ws://host[:port]/link` or `wss://…`. Without a path, `/link` is meant.
 *
 * @throws OperatorError `CONFIG_BAD_ADDRESS`
 */
export function parseWebSocketAddress(text: string): WebSocketAddress {
  const example = 'wss://im.example.org/link';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'ws:' && url.protocol !== 'wss:') || url.hostname === '') {
    throw badAddress(text, 'it begins with neither ws:// nor wss://', example);
  }
  if (url.username !== '' || url.password !== '')
    throw badAddress(text, 'secrets do not belong in an address', example);
  if (url.hash !== '') throw badAddress(text, 'it has a part behind #', example);
  if (url.port === '0') throw badAddress(text, 'port 0 cannot be connected to', example);
  if (url.pathname === '/') url.pathname = '/link';
  const type = url.protocol === 'ws:' ? 'ws' : 'wss';
  const port = url.port === '' ? (type === 'ws' ? 80 : 443) : Number(url.port);
  return { type, host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port, url: url.href };
}

/** Whether what is sent there stays on this machine. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(bare);
}

/** As a person would write it, and as {@link parseTransportAddress} reads it. */
export function formatAddress(address: TransportAddress): string {
  if (address.type === 'unix') return `unix:${address.path}`;
  if (address.type === 'serial') return `serial:${address.path}?baud=${address.baud}`;
  return `${address.type}://${formatHostAndPort(address)}`;
}

export function formatHostAndPort({ host, port }: HostAndPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The speed must be given: a wrong one garbles everything, and nothing on the line tells which it is. */
function parseSerialAddress(text: string): SerialAddress {
  const example = 'serial:/dev/ttyS0?baud=115200';
  const match = /^serial:(?:\/\/(?=\/))?(\/[^?]+)(?:\?(.*))?$/.exec(text);
  const path = match?.[1];
  if (path === undefined) throw badAddress(text, 'the path of a device belongs behind serial:', example);
  const settings = new URLSearchParams(match?.[2] ?? '');
  const unknown = [...settings.keys()].find((name) => name !== 'baud');
  if (unknown !== undefined) throw badAddress(text, `"${unknown}" is no setting of a serial line`, example);
  const given = settings.getAll('baud');
  if (given.length !== 1) throw badAddress(text, 'the speed of the line belongs behind ?baud=', example);
  const baud = serialSpeeds.find((speed) => String(speed) === given[0]);
  if (baud !== undefined) return { type: 'serial', path, baud };
  throw badAddress(text, `"${given[0]}" is no speed; there are ${serialSpeeds.join(', ')}`, example);
}

function parseHostAndPort(place: string, text: string, example: string): HostAndPort {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(place);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined) throw badAddress(text, 'it is no host:port', example);
  if (port > 65_535) throw badAddress(text, 'a port is at most 65535', example);
  return { host, port };
}

function badAddress(text: string, why: string, example: string): OperatorError {
  // What stands before an @ may be a secret.
  const shown = text.replace(/\/\/.*@/, '//…@');
  return new OperatorError({
    code: 'CONFIG_BAD_ADDRESS',
    message: `"${shown}" is no address: ${why}.`,
    hint: `Write it like ${example}.`,
  });
}
