/**
 * Byte streams to and from an SMSC, both ends: TCP, TLS, Unix sockets and serial lines. One write is one packet and stays
 * one call; a peer that stops reading is cut off when its limit is reached. No reconnects and no protocol: those are
 * machines. What a connection can do is the contract in `transport.ts`.
 */
import { createServer, connect as netConnect, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, connect as tlsConnect } from 'node:tls';
import { OperatorError } from '../core/base/errors.ts';
import { formatAddress, formatHostAndPort, type SerialAddress, type TransportAddress } from './address.ts';
import { connectSerial } from './serial.ts';
import { listenSerial } from './serial-listener.ts';
import { describeSocketError } from './socket-errors.ts';
import { SocketTransport } from './socket-transport.ts';
import type {
  ListenOptions,
  TlsMaterial,
  Transport,
  TransportHandlers,
  TransportListener,
  TransportOptions,
} from './transport.ts';
import { removeDeadSocket } from './unix-socket.ts';

const defaults = { connectTimeoutMs: 10_000, connectionLimit: 256 } as const;

type SocketAddress = Exclude<TransportAddress, SerialAddress>;

export function connectTransport(
  address: TransportAddress,
  handlers: TransportHandlers,
  options: TransportOptions = {},
): Transport {
  if (address.type === 'serial') return connectSerial(address, handlers, options);
  const { connectTimeoutMs = defaults.connectTimeoutMs } = options;
  const socket = dial(address, options.tls);
  const transport = new SocketTransport(socket, formatAddress(address), handlers, options.bufferLimitBytes);
  const timer = setTimeout(() => transport.cut(`no connection within ${connectTimeoutMs} ms`), connectTimeoutMs);
  socket.once(address.type === 'tls' ? 'secureConnect' : 'connect', () => {
    clearTimeout(timer);
    handlers.opened?.();
  });
  socket.once('close', () => clearTimeout(timer));
  return transport;
}

/**
 * @param accept gives the handlers of a new connection; their `opened` is called behind it
 * @throws OperatorError `ADDRESS_IN_USE`, or `CONFIG_BAD_ADDRESS` where this machine cannot listen there
 */
export async function listenTransport(
  address: TransportAddress,
  accept: (transport: Transport) => TransportHandlers,
  options: ListenOptions = {},
): Promise<TransportListener> {
  if (address.type === 'serial') return listenSerial(address, accept, options);
  const sockets = new Set<Socket>();
  const take = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const remote = socket.remoteAddress === undefined ? 'unix' : formatHostAndPort(remoteOf(socket));
    const transport = new SocketTransport(socket, remote, undefined, options.bufferLimitBytes);
    const handlers = accept(transport);
    transport.use(handlers);
    handlers.opened?.();
  };
  const { clients = 'anybody', ...material } = options.tls ?? {};
  const demand = clients === 'required' ? { requestCert: true, rejectUnauthorized: true } : {};
  const server = address.type === 'tls' ? createTlsServer({ ...material, ...demand }, take) : createServer(take);
  server.maxConnections = options.connectionLimit ?? defaults.connectionLimit;
  await listen(server, address);
  return {
    address: addressOf(server, address),
    get connectionCount() {
      return sockets.size;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/**
 * Lets any server of Node listen at an address, and turns what can go wrong into words.
 *
 * @throws OperatorError `ADDRESS_IN_USE`, `CONFIG_BAD_ADDRESS`
 */
export async function listen(server: Server, address: TransportAddress): Promise<void> {
  if (address.type === 'serial') throw noServer(address);
  if (address.type === 'unix') await removeDeadSocket(address.path);
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void => reject(listenError(error, address));
    server.once('error', refuse);
    server.listen(address.type === 'unix' ? { path: address.path } : { host: address.host, port: address.port }, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}

/** The address with the port that a server got. */
export function addressOf(server: Server, asked: TransportAddress): TransportAddress {
  const got = server.address();
  if (asked.type === 'unix' || asked.type === 'serial' || got === null || typeof got === 'string') return asked;
  return { ...asked, port: got.port };
}

function dial(address: SocketAddress, tls: TlsMaterial | undefined): Socket {
  switch (address.type) {
    case 'tcp':
      return netConnect({ host: address.host, port: address.port });
    case 'unix':
      return netConnect({ path: address.path });
    case 'tls':
      return tlsConnect({
        host: address.host,
        port: address.port,
        // A name for the certificate to be checked against; an IP address is no server name.
        ...(/^[\d.]+$|:/.test(address.host) ? {} : { servername: address.host }),
        ...tls,
      });
  }
}

function remoteOf(socket: Socket): { readonly host: string; readonly port: number } {
  return { host: (socket.remoteAddress ?? '').replace(/^::ffff:/, ''), port: socket.remotePort ?? 0 };
}

function listenError(error: Error, address: SocketAddress): OperatorError {
  const code = 'code' in error ? error.code : undefined;
  const shown = formatAddress(address);
  if (code === 'EADDRINUSE') {
    return new OperatorError({
      code: 'ADDRESS_IN_USE',
      message: `Cannot listen at ${shown}: another process does already.`,
      hint: 'End that process, or give another address with --listen; port 0 takes a free one.',
      cause: error,
    });
  }
  const isPrivileged = code === 'EACCES' && address.type !== 'unix' && address.port < 1024;
  return new OperatorError({
    code: 'CONFIG_BAD_ADDRESS',
    message: `Cannot listen at ${shown}: ${describeSocketError(error)}.`,
    hint: isPrivileged
      ? 'Ports below 1024 need a right of their own; take a port above.'
      : 'Give an address of this machine with --listen, for example 127.0.0.1:8080.',
    cause: error,
  });
}

/** Where many connections are wanted at once, as for people. */
function noServer(address: SerialAddress): OperatorError {
  return new OperatorError({
    code: 'CONFIG_BAD_ADDRESS',
    message: `Cannot listen at ${formatAddress(address)}: a serial line carries one connection.`,
    hint: 'Give a host and a port with --listen, for example 127.0.0.1:8080.',
  });
}
