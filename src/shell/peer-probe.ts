/** Looks from here at somebody who listens: what a name resolves to, how long a connection takes, what certificate is shown. */
import { X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { HostAndPort } from './address.ts';
import { describeSocketError } from './socket-errors.ts';

export type Resolved =
  | { readonly type: 'addresses'; readonly addresses: readonly string[]; readonly tookMs: number }
  /** It is an address already. */
  | { readonly type: 'literal' }
  | { readonly type: 'unknown'; readonly reason: string };

export type Reached =
  /** From the first packet to an open connection, the shortest of several: the round trip, without the peer's own work. */
  { readonly type: 'open'; readonly connectMs: number } | { readonly type: 'closed'; readonly reason: string };

export interface ShownCertificate {
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validUntil: number;
  /** Why it is not trusted here; undefined where it is. */
  readonly problem: string | undefined;
}

const timeoutMs = 5_000;
/** The shortest counts, so a few are enough. */
const connections = 5;

export async function resolveName(host: string): Promise<Resolved> {
  if (isIP(host) !== 0) return { type: 'literal' };
  const began = performance.now();
  try {
    const found = await lookup(host, { all: true });
    return { type: 'addresses', addresses: found.map(({ address }) => address), tookMs: performance.now() - began };
  } catch (error) {
    return { type: 'unknown', reason: reasonOf(error) };
  }
}

/** @param at a host and port, or the path of a Unix socket */
export async function reach(at: HostAndPort | { readonly path: string }): Promise<Reached> {
  let bestMs = Infinity;
  for (let attempt = 0; attempt < connections; attempt += 1) {
    const began = performance.now();
    const socket = 'path' in at ? connect(at.path) : connect(at.port, at.host);
    const failure = await settled(socket, 'connect');
    socket.destroy();
    if (failure !== undefined) return { type: 'closed', reason: failure };
    bestMs = Math.min(bestMs, performance.now() - began);
  }
  return { type: 'open', connectMs: bestMs };
}

/** @returns why there is none where TLS did not come about */
export async function certificateOf(
  { host, port }: HostAndPort,
  ca: string | undefined,
): Promise<ShownCertificate | { readonly reason: string }> {
  const name = isIP(host) === 0 ? { servername: host } : {};
  // Looked at, and judged below: a certificate that is not trusted has an end all the same.
  const socket = tlsConnect({ host, port, ...name, rejectUnauthorized: false, ...(ca === undefined ? {} : { ca }) });
  const failure = await settled(socket, 'secureConnect');
  const shown = failure === undefined ? shownBy(socket) : undefined;
  socket.destroy();
  return shown ?? { reason: failure ?? 'it shows no certificate' };
}

/** Of a file. @throws Error for what is no certificate */
export function certificateIn(pem: string): ShownCertificate {
  return described(new X509Certificate(pem), undefined);
}

function shownBy(socket: TLSSocket): ShownCertificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  // What a host of another name would show is told by the same error as any other.
  const error = socket.authorized ? undefined : (socket.authorizationError as Error | string | undefined);
  return certificate === undefined
    ? undefined
    : described(certificate, error === undefined ? undefined : reasonOf(error));
}

function described(certificate: X509Certificate, problem: string | undefined): ShownCertificate {
  const { subject, validFrom, validTo } = certificate;
  return {
    subject: subject.replaceAll('\n', ', '),
    validFrom: Date.parse(validFrom),
    validUntil: Date.parse(validTo),
    problem,
  };
}

/** @returns why it did not come about, in words */
function settled(socket: Socket, event: 'connect' | 'secureConnect'): Promise<string | undefined> {
  return new Promise((resolve) => {
    socket.setTimeout(timeoutMs, () => resolve(`no answer within ${timeoutMs / 1_000} s`));
    socket.once(event, () => resolve(undefined));
    socket.once('error', (error) => resolve(describeSocketError(error)));
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof Error) return describeSocketError(error);
  // TLS tells of a certificate by its code alone.
  return describeSocketError(Object.assign(new Error(String(error)), { code: String(error) }));
}
