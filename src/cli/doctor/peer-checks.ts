/** Whether the SMSC and the IM server can be reached from here: name, connection, certificate. */
import { dayMs } from '../../core/base/time.ts';
import type { HostAndPort } from '../../shell/address.ts';
import { certificateIn, certificateOf, reach, resolveName, type ShownCertificate } from '../../shell/peer-probe.ts';
import { formatDuration } from '../duration.ts';
import { readGivenFile } from '../given-file.ts';
import { shortMs } from '../status/words.ts';
import { type Check, failed, passed, skipped } from './check.ts';

export interface PeerPlace {
  /** `SMSC`, `IM server` */
  readonly name: string;
  /** As it was written. */
  readonly shown: string;
  /** Undefined where it is none that can be connected to for a look: a serial line. */
  readonly at: HostAndPort | { readonly path: string } | undefined;
  readonly tls: 'tls' | 'plain';
  /** PEM; undefined trusts what the system does. */
  readonly ca: string | undefined;
}

export interface PeerFound {
  readonly checks: readonly Check[];
  /** The shortest way there, milliseconds; undefined where nobody answered. */
  readonly connectMs: number | undefined;
}

/** Whoever renews by hand needs so much time. */
const soonMs = 14 * dayMs;

export async function lookAtPeer({ name, shown, at, tls, ca }: PeerPlace, now: number): Promise<PeerFound> {
  if (at === undefined)
    return { checks: [skipped(name, `${shown} is not connected to for a look`)], connectMs: undefined };
  const names = 'path' in at ? [] : await nameChecks(name, at.host);
  if (names.some(({ result }) => result === 'failed')) return { checks: names, connectMs: undefined };
  const reached = await reach(at);
  if (reached.type === 'closed') {
    const remedy = `see whether the ${name} runs and listens there, and whether a firewall is between`;
    return {
      checks: [...names, failed(name, `${shown} cannot be reached: ${reached.reason}`, remedy)],
      connectMs: undefined,
    };
  }
  const open = passed(name, `${shown} can be reached; a connection takes ${shortMs(reached.connectMs)}`);
  const certificates = tls === 'tls' && !('path' in at) ? [await shownCheck(at, ca, now)] : [];
  return { checks: [...names, open, ...certificates], connectMs: reached.connectMs };
}

/** Of a certificate that a role of this machine shows. */
export async function ownCertificateCheck(path: string, now: number): Promise<Check> {
  try {
    const hint = 'Check the path in the config file.';
    const bytes = await readGivenFile({ path, name: `The certificate ${path}`, limitBytes: 1_048_576, hint });
    return expiryCheck(path, certificateIn(new TextDecoder().decode(bytes)), now);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failed('certificate', `${path}: ${reason}`, 'give a certificate in PEM with tls-cert');
  }
}

async function nameChecks(name: string, host: string): Promise<readonly Check[]> {
  const resolved = await resolveName(host);
  if (resolved.type === 'literal') return [];
  if (resolved.type === 'unknown') {
    return [
      failed(
        'name',
        `${host} (${name}): ${resolved.reason}`,
        'correct the name, or this machine’s DNS (/etc/resolv.conf, /etc/hosts)',
      ),
    ];
  }
  return [passed('name', `${host} (${name}) is ${resolved.addresses.join(', ')}, in ${shortMs(resolved.tookMs)}`)];
}

async function shownCheck(at: HostAndPort, ca: string | undefined, now: number): Promise<Check> {
  const shown = await certificateOf(at, ca);
  const where = `${at.host}:${at.port}`;
  if ('reason' in shown) return failed('certificate', `${where}: ${shown.reason}`, 'see whether TLS is spoken there');
  if (shown.problem !== undefined) {
    return failed(
      'certificate',
      `${where} is not trusted: ${shown.problem}`,
      'give the authority with --tls-ca, or renew the certificate',
    );
  }
  return expiryCheck(where, shown, now);
}

export function expiryCheck(where: string, { subject, validFrom, validUntil }: ShownCertificate, now: number): Check {
  const day = new Date(validUntil).toISOString().slice(0, 10);
  if (now < validFrom)
    return failed('certificate', `${where} (${subject}) is not valid yet`, 'compare the clocks of both machines');
  if (now >= validUntil) return failed('certificate', `${where} (${subject}) has expired on ${day}`, 'renew it');
  const text = `${where} (${subject}) is valid until ${day}, ${formatDuration(validUntil - now)} from now`;
  return validUntil - now < soonMs ? failed('certificate', text, 'renew it now') : passed('certificate', text);
}
