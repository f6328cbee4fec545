/** Carries a fault out on a world: what happens when it begins, and what when it ends. */
import { OperatorError } from '../core/base/errors.ts';
import { assertNever } from '../core/base/invariant.ts';
import type { FaultAction, Scenario, Fault as ScenarioFault } from '../core/roles/smsc/scenario.ts';
import type { DisksAtStake } from './disks-at-stake.ts';
import type { Fault, SmscFault } from './faults.ts';
import { imServerName } from './happening.ts';
import type { ImHouse } from './im-house.ts';
import type { Site } from './site.ts';
import type { World } from './world.ts';

/** Plans begin and end of a fault, `atMs` from now. Faults of an SMSC are in its scenario already. */
export function planStrike(world: World, fault: Fault, disks: DisksAtStake): void {
  world.plan(fault.atMs, () => {
    const isLeftOut = !disks.mayStrike(world, fault);
    world.tell({ type: 'fault', fault, moment: isLeftOut ? 'left-out' : 'begins' });
    if (!isLeftOut) begin(world, fault);
  });
  if (hasEnd(fault)) {
    world.plan(fault.atMs + fault.lengthMs, () => {
      world.tell({ type: 'fault', fault, moment: 'ends' });
      end(world, fault);
    });
  }
}

/** Everything that may still be out of order is well again. */
export function heal(world: World): void {
  for (const site of world.sites) {
    site.isLinkOpen = true;
    site.isSmscReachable = true;
    site.linkSlowness = 1;
    site.disk.state = 'well';
    site.reports = 'usual';
    site.answers = 'usual';
    if (!site.carried?.isAlive) site.start();
  }
  world.im.disk.state = 'well';
  if (!world.im.carried?.isAlive) world.im.start();
}

/** @param beforeMs how long the SMSC runs before the world has begun */
export function scenarioOf(faults: readonly Fault[], smscId: string, beforeMs: number): Scenario | undefined {
  const rules = faults.flatMap((fault): ScenarioFault[] => {
    if ((fault.kind !== 'smsc' && fault.kind !== 'refuse-submit') || fault.target !== smscId) return [];
    const fromMs = beforeMs + fault.atMs;
    const what =
      fault.kind === 'smsc'
        ? { action: actionOf(fault.fault), operations: undefined, number: undefined }
        : {
            action: { kind: 'refuse', errorCode: fault.errorCode } as const,
            operations: [submit],
            number: fault.number,
          };
    return [
      {
        ...what,
        account: undefined,
        measure: { type: 'probability', probability: fault.probability },
        fromMs,
        untilMs: fromMs + fault.lengthMs,
        times: undefined,
      },
    ];
  });
  return rules.length === 0 ? undefined : { name: 'simulated', description: 'from a seed', faults: rules };
}

const submit = 3;

/** A temporary refusal (throttling): only such a one is got over. */
const throttled = 10;

function actionOf(kind: SmscFault): FaultAction {
  switch (kind) {
    case 'slow-answer':
      return { kind, delayMs: 3_000 };
    case 'restart':
      return { kind, forMs: 2_000 };
    case 'refuse':
      return { kind, errorCode: throttled };
    case 'garbage':
      return { kind, noise: 'bytes' };
    default:
      return { kind };
  }
}

function hasEnd(fault: Fault): boolean {
  return fault.kind !== 'cut' && fault.kind !== 'strand' && fault.kind !== 'half-open' && fault.kind !== 'cut-smsc';
}

function begin(world: World, fault: Fault): void {
  switch (fault.kind) {
    case 'cut':
      return world.site(fault.target).cutLink(fault.told);
    case 'strand':
      return world.site(fault.target).strandLink(fault.lateMs);
    case 'half-open':
      return world.site(fault.target).deafenLink(fault.deaf);
    case 'refuse': {
      const site = world.site(fault.target);
      site.isLinkOpen = false;
      return site.cutLink();
    }
    case 'slow':
      world.site(fault.target).linkSlowness = fault.times;
      return;
    case 'cut-smsc':
      return world.site(fault.target).cutSmsc(fault.told);
    case 'refuse-smsc': {
      const site = world.site(fault.target);
      site.isSmscReachable = false;
      return site.cutSmsc();
    }
    case 'kill': {
      const host = hostOf(world, fault.target);
      const { behind, midCommit, notice, power } = fault;
      const die = (): void => {
        host.crash(midCommit, notice);
        if ('isPowerLost' in host) host.isPowerLost ||= power === 'lost';
      };
      if (behind === 0) die();
      else host.carried?.dieBehind(behind, die);
      return;
    }
    case 'disk':
      hostOf(world, fault.target).disk.state = fault.state;
      return;
    case 'clock': {
      const host = hostOf(world, fault.target);
      host.crash();
      host.clock = { aheadMs: fault.aheadMs, rate: fault.rate };
      return;
    }
    case 'empty-disk': {
      const host = hostOf(world, fault.target);
      host.crash();
      host.loseDisk();
      return;
    }
    case 'full-disk':
      hostOf(world, fault.target).disk.state = 'full';
      return;
    case 'set-back': {
      const host = hostOf(world, fault.target);
      host.crash();
      host.setDiskBack(fault.commits);
      host.isRestored ||= fault.word === 'said';
      return;
    }
    case 'foreign-disk': {
      const host = hostOf(world, fault.target);
      host.crash();
      const other = world.sites.find((site) => site !== host) ?? world.im;
      return startOnDiskOf(world, fault.target, other === host ? world.sites[0] : other);
    }
    case 'reports':
      world.site(fault.target).reports = fault.how;
      return;
    case 'answers':
      world.site(fault.target).answers = fault.how;
      return;
    case 'handset':
      return world.site(fault.target).smscInput({
        type: 'set-handset',
        number: fault.number,
        state: { type: fault.state },
      });
    case 'refuse-submit':
    case 'smsc':
      return;
    default:
      return assertNever(fault);
  }
}

function end(world: World, fault: Fault): void {
  switch (fault.kind) {
    case 'refuse':
      world.site(fault.target).isLinkOpen = true;
      return;
    case 'slow':
      world.site(fault.target).linkSlowness = 1;
      return;
    case 'refuse-smsc':
      world.site(fault.target).isSmscReachable = true;
      return;
    case 'kill': {
      const host = hostOf(world, fault.target);
      // It had nothing to do in all that time: it dies now.
      if (fault.behind > 0 && host.carried?.isAlive) host.crash(fault.midCommit, fault.notice);
      return startAgain(host);
    }
    case 'clock':
    case 'empty-disk':
    case 'set-back':
    case 'foreign-disk':
      return startAgain(hostOf(world, fault.target));
    case 'reports':
      world.site(fault.target).reports = 'usual';
      return;
    case 'answers':
      world.site(fault.target).answers = 'usual';
      return;
    case 'full-disk':
    case 'disk':
      hostOf(world, fault.target).disk.state = 'well';
      return;
    case 'handset':
      return world.site(fault.target).smscInput({
        type: 'set-handset',
        number: fault.number,
        state: { type: 'on' },
      });
    case 'cut':
    case 'strand':
    case 'half-open':
    case 'cut-smsc':
    case 'refuse-submit':
    case 'smsc':
      return;
    default:
      return assertNever(fault);
  }
}

function hostOf(world: World, target: string): Site | ImHouse {
  return target === imServerName ? world.im : world.site(target);
}

/** Must be refused, and leaves that disk as it is. SPEC: DESIGN section 2: a store names the SMSC it is for. */
function startOnDiskOf(world: World, who: string, other: Site | ImHouse | undefined): void {
  const host = hostOf(world, who);
  // A disk on which nobody ever started is nobody's.
  if (other === undefined || other.disk.store.size === 0) return;
  const { disk } = host;
  const before = other.disk.store.size;
  host.disk = other.disk;
  try {
    host.start();
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    world.tell({ type: 'refused-to-start', who, code: error.code });
  } finally {
    host.disk = disk;
  }
  if (host.carried?.isAlive) throw new Error(`${who} starts on the disk of another`);
  if (other.disk.store.size !== before) throw new Error(`${who} wrote to the disk of another`);
}

/** Another fault may have done so already. */
function startAgain(host: Site | ImHouse): void {
  if (!host.carried?.isAlive) host.start();
}
