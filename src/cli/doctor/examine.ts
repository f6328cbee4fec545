/** All checks of `doctor`, one after the other: configuration, this machine, the way to the peers, speed and place. */

import { parseTransportAddress, parseWebSocketAddress, type TransportAddress } from '../../shell/address.ts';
import { type AskedRole, isBuffer } from '../status/ask-status.ts';
import { readTrustedCertificates } from '../tls-files.ts';
import { type Check, skipped } from './check.ts';
import { type LoginFound, tryLogin } from './login-check.ts';
import { clockChecks, lookAtStateDir, versionCheck } from './machine-checks.ts';
import { lookAtPeer, ownCertificateCheck, type PeerFound } from './peer-checks.ts';
import { bestRates, type Distances, speedChecks } from './speed.ts';
import { type ConfigSaid, lookAtConfig, type RoleTables, stateDirsOf, type Targets, targetsOf } from './targets.ts';

export interface ExamineOptions {
  readonly configs: readonly string[];
  readonly tables: RoleTables;
  readonly given: {
    readonly smsc: string | undefined;
    readonly 'im-server': string | undefined;
    readonly user: string | undefined;
    readonly 'tls-ca': string | undefined;
  };
  /** `usual`: those of this user's roles, if there are any, where no config names one. */
  readonly stateDirs: readonly string[] | 'usual';
  readonly findUsual: () => Promise<readonly string[]>;
  /** Undefined: no login is tried. */
  readonly login: ((targets: Targets) => Promise<string>) | undefined;
}

export interface Examination {
  readonly checks: readonly Check[];
  readonly distances: Distances;
  readonly asked: readonly AskedRole[];
}

/** @throws OperatorError CONFIG_BAD_ADDRESS for an address that is none; CONFIG_UNREADABLE for authorities */
export async function examine(options: ExamineOptions): Promise<Examination> {
  const configs = await Promise.all(options.configs.map((path) => lookAtConfig(path, options.tables)));
  const said = configs.flatMap((each) => each.said ?? []);
  const dirs = await Promise.all((await dirsOf(options, said)).map(lookAtStateDir));
  const asked = dirs.flatMap((dir) => dir.asked ?? []);
  const targets = targetsOf({ ...options.given, stateDirs: dirs.map(({ stateDir }) => stateDir) }, said, asked);
  const now = Date.now();
  const smsc = await lookAtSmsc(targets, now);
  const imServer = await lookAtImServer(targets, now);
  const own = await Promise.all(targets.ownCertificates.map((path) => ownCertificateCheck(path, now)));
  const login = await loginOf(options.login, targets);
  const distances = distancesOf(targets, asked, { smsc, imServer, login });
  const checks = [
    versionCheck(),
    ...(configs.length === 0
      ? [skipped('config', 'no file given; --config FILE')]
      : configs.flatMap((each) => each.checks)),
    ...(dirs.length === 0 ? [skipped('state directory', 'none given and none found; --state-dir DIR')] : []),
    ...dirs.flatMap((dir) => dir.checks),
    ...clockChecks(asked),
    ...own,
    ...(smsc?.checks ?? [skipped('SMSC', 'no address known; --smsc URL')]),
    ...login.checks,
    ...(imServer?.checks ?? [skipped('IM server', 'no address known; --im-server URL')]),
    ...speedChecks(distances),
  ];
  return { checks, distances, asked };
}

/** Schema `doctor/1`. */
export function doctorDocument({ checks, distances }: Examination): object {
  const rates = bestRates(distances);
  const { turnAroundMs, turnAroundBy, roundTripMs, smscWayMs, ringSize, window } = distances;
  return {
    schema: 'doctor/1',
    ok: checks.every(({ result }) => result !== 'failed'),
    checks,
    measured: {
      ...{ turnAroundMs: turnAroundMs ?? null, turnAroundBy, roundTripMs: roundTripMs ?? null },
      ...{ smscWayMs: smscWayMs ?? null, ringSize, window },
      bestPerSecond: rates?.withBridge ?? null,
      withoutBufferPerSecond: rates?.without ?? null,
    },
  };
}

async function dirsOf(
  { stateDirs, findUsual }: ExamineOptions,
  said: readonly ConfigSaid[],
): Promise<readonly string[]> {
  if (stateDirs !== 'usual') return stateDirs;
  const named = stateDirsOf(said);
  return named.length > 0 ? named : findUsual();
}

async function lookAtSmsc({ smsc, smscCa }: Targets, now: number): Promise<PeerFound | undefined> {
  if (smsc === undefined) return undefined;
  const address = parseTransportAddress(smsc);
  const ca = smscCa === undefined ? undefined : await readTrustedCertificates(smscCa, '--tls-ca');
  const place = { name: 'SMSC', shown: smsc, at: placeOf(address), ca } as const;
  return lookAtPeer({ ...place, tls: address.type === 'tls' ? 'tls' : 'plain' }, now);
}

async function lookAtImServer({ imServer, imServerCa }: Targets, now: number): Promise<PeerFound | undefined> {
  if (imServer === undefined) return undefined;
  const { type, host, port, url } = parseWebSocketAddress(imServer);
  const ca = imServerCa === undefined ? undefined : await readTrustedCertificates(imServerCa, '--tls-ca');
  return lookAtPeer(
    { name: 'IM server', shown: url, at: { host, port }, ca, tls: type === 'wss' ? 'tls' : 'plain' },
    now,
  );
}

function placeOf(address: TransportAddress) {
  if (address.type === 'serial') return undefined;
  return address.type === 'unix' ? { path: address.path } : { host: address.host, port: address.port };
}

async function loginOf(login: ExamineOptions['login'], targets: Targets): Promise<LoginFound> {
  const { smsc, smscCa, account } = targets;
  if (login === undefined) {
    const why = 'not tried; --login does, which may end another session of the same account';
    return { checks: [skipped('login', why)], turnAroundMs: undefined };
  }
  if (smsc === undefined || account.user === undefined) {
    const missing = smsc === undefined ? '--smsc URL' : '--user NAME';
    return { checks: [skipped('login', `not tried: ${missing} is missing`)], turnAroundMs: undefined };
  }
  return tryLogin({
    address: parseTransportAddress(smsc),
    user: account.user,
    password: account.password ?? (await login(targets)),
    ca: smscCa === undefined ? undefined : await readTrustedCertificates(smscCa, '--tls-ca'),
    ...{ subaddress: undefined, window: 1, checksum: 'send', answerTimeoutMs: 5_000 },
  });
}

/** What a role that runs has measured of real traffic counts more than a look from here. */
function distancesOf(
  { ringSize, window }: Targets,
  asked: readonly AskedRole[],
  found: { readonly smsc: PeerFound | undefined; readonly imServer: PeerFound | undefined; readonly login: LoginFound },
): Distances {
  const running = asked.flatMap((role) => (role.state === 'running' ? [role.status] : []));
  const buffer = running.find(isBuffer);
  const answers = buffer?.submits.turnAround?.medianMs ?? found.login.turnAroundMs;
  const way = found.smsc?.connectMs;
  return {
    turnAroundMs: answers ?? way,
    turnAroundBy: answers === undefined ? 'way' : 'answers',
    roundTripMs: buffer?.link.roundTrip?.medianMs ?? found.imServer?.connectMs,
    smscWayMs: way,
    ringSize,
    window,
  };
}
