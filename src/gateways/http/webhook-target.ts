/**
 * Where a webhook may point. The server calls what a user names, so an address inside the operator's network must not be
 * reachable through it: looked at in the URL, and again in what the name resolves to, at every connection.
 */
import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { fail, ok, type Result } from '../../core/base/result.ts';

/** `public`: https beyond private networks. `this-machine`: loopback too, also without TLS. `any`: everything. */
export type Reach = 'public' | 'this-machine' | 'any';

const inside = new BlockList();
for (const [net, bits] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
  ] as const),
  ...([
    ['192.0.0.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
] as const) {
  inside.addSubnet(net, bits, 'ipv4');
}
for (const [net, bits] of [
  ['::', 128],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
  ['64:ff9b::', 96],
] as const) {
  inside.addSubnet(net, bits, 'ipv6');
}
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** @returns the URL, or IM_WEBHOOK_TARGET */
export function parseTarget(text: string, reach: Reach): Result<URL> {
  const url = text.length <= 2_000 && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return refused('A webhook is called at a URL that begins with https://.');
  }
  if (url.username !== '' || url.password !== '')
    return refused('The URL holds a password; use the signature instead.');
  const host = hostOf(url);
  const isLocal = host === 'localhost' || (isIP(host) > 0 && isLoopback(host));
  if (isLocal && reach === 'public') return refused('Only users with the scope admin may have this machine called.');
  if (url.protocol === 'http:' && !isLocal && reach !== 'any')
    return refused('Beyond this machine only https is called.');
  if (isIP(host) > 0 && !mayReach(host, reach)) return refused('The address lies in a private network.');
  return ok(url);
}

/** @param address of IPv4 or IPv6 */
export function mayReach(address: string, reach: Reach): boolean {
  if (reach === 'any') return true;
  if (isLoopback(address)) return reach === 'this-machine';
  const mapped = mappedOf(address);
  return mapped === undefined ? !inside.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') : mayReach(mapped, reach);
}

/** Resolves names, and finds nothing where a name leads to what may not be reached. */
export function guardedLookup(reach: Reach): LookupFunction {
  return (name, options, callback) => {
    lookup(name, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 0);
      const allowed = found.filter(({ address }) => mayReach(address, reach));
      const [first] = allowed;
      if (first === undefined) return callback(new Error('the name leads into a private network'), '', 0);
      if (options.all === true) return callback(null, allowed);
      return callback(null, first.address, first.family);
    });
  };
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

function isLoopback(address: string): boolean {
  const mapped = mappedOf(address);
  if (mapped !== undefined) return isLoopback(mapped);
  return loopback.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** The IPv4 address inside `::ffff:…`, as URLs write it. */
function mappedOf(address: string): string | undefined {
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`;
}

function refused(message: string): Result<never> {
  return fail('IM_WEBHOOK_TARGET', message);
}
