/**
 * The recorder of a simulated SMSC, and the machine that it records. That has no rings and no store; all of its chance
 * comes from its seed, so what it was told at its start and every input are enough to play it back.
 */
import type { LogEvent } from '../../core/base/log-event.ts';
import type { FaultySmsc } from '../../core/roles/smsc/faulty-smsc.ts';
import type { SmscRole } from '../../core/roles/smsc/smsc.ts';
import type { SmscInput } from '../../core/roles/smsc/smsc-io.ts';
import type { StoreReader } from '../../core/store/record.ts';
import type { Clock } from '../clock.ts';
import { hmacSha256, randomBytes } from '../hashing.ts';
import { makeSmsc, type SmscStart } from '../smsc-machine.ts';
import { DisguisedLine, PasswordDisguise } from './password-disguise.ts';
import { Recorder, type RecordSettings } from './recorder.ts';

const emptyStore: StoreReader = { get: () => undefined, entries: () => [] };

export interface RecordedSmsc {
  readonly role: SmscRole | FaultySmsc;
  readonly recorder: Recorder;
}

export function recordSmsc(
  start: SmscStart,
  record: RecordSettings,
  { stateDir, clock, log }: { readonly stateDir: string; readonly clock: Clock; readonly log: (e: LogEvent) => void },
): RecordedSmsc {
  const disguise = new PasswordDisguise(randomBytes);
  const madeAt = clock();
  const recorder = new Recorder({
    ...record,
    ...{ role: 'smsc', smscIds: [], stateDir, clock, log },
    settings: { ...disguised(start, disguise), madeAt },
    identity: undefined,
    tools: { randomBytes, random: Math.random, hmac: hmacSha256, store: emptyStore },
    links: () => [],
    sights: () => [],
    retell: retellSmscInputs(disguise),
  });
  return { role: recorder.life(() => makeSmsc(start, madeAt)), recorder };
}

/** `interfere` is a function of a test's own, and no recording has it. */
function disguised({ settings, scenario, seed }: SmscStart, disguise: PasswordDisguise): SmscStart {
  const accounts = settings.accounts.map((account) => ({ ...account, password: disguise.password(account.password) }));
  return { settings: { ...settings, accounts, interfere: undefined }, scenario, seed };
}

/** Inputs as they are written down: without the passwords of logins. */
function retellSmscInputs(disguise: PasswordDisguise): (input: { readonly type: string }) => { readonly type: string } {
  const lines = new Map<number, DisguisedLine>();
  return (told) => {
    // The recorder of an SMSC is given no other inputs.
    const input = told as SmscInput;
    if (input.type === 'opened') lines.set(input.connection, new DisguisedLine(disguise));
    if (input.type === 'closed') lines.delete(input.connection);
    if (input.type !== 'received') return input;
    const line = lines.get(input.connection) ?? new DisguisedLine(disguise);
    lines.set(input.connection, line);
    return { ...input, bytes: line.push(input.bytes) };
  };
}
