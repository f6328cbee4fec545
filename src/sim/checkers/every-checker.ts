/** All checkers together, fed with all that happens; the first complaint ends the run. */
import type { Instant } from '../../core/base/time.ts';
import type { Happening } from '../happening.ts';
import { imServerName } from '../happening.ts';
import { arrivalChecker } from './arrival.ts';
import type { Checker, CheckerSite } from './checker.ts';
import { complaintsChecker } from './complaints.ts';
import { wrongInLists } from './conversation-list.ts';
import { doublesChecker } from './doubles.ts';
import { inStep } from './in-step.ts';
import { epochsChecker, numbersChecker, slotReuseChecker } from './numbers.ts';
import { orderChecker } from './order.ts';
import { recoveryChecker } from './recovery.ts';
import { stepsChecker } from './steps.ts';
import { toldChecker } from './told.ts';

/** A promise that does not hold. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure';
  readonly checker: string;
  readonly at: Instant;

  constructor(checker: string, complaint: string, at: Instant) {
    super(complaint);
    this.checker = checker;
    this.at = at;
  }
}

export class EveryChecker {
  readonly #checkers: readonly Checker[];
  readonly #site: CheckerSite;

  constructor(site: CheckerSite) {
    const { world } = site;
    this.#site = site;
    this.#checkers = [
      arrivalChecker(site),
      toldChecker((who, smscId, lane) => {
        const status =
          who === imServerName
            ? world.im.role?.status().smscs.find((one) => one.smscId === smscId)
            : world.site(smscId).role?.status();
        return status?.[lane].size ?? 0;
      }),
      slotReuseChecker(),
      numbersChecker(),
      epochsChecker(),
      recoveryChecker(site),
      orderChecker(site),
      doublesChecker(site),
      stepsChecker(site),
      complaintsChecker(site),
    ];
  }

  /** @throws CheckFailure */
  take(happening: Happening, at: Instant): void {
    for (const checker of this.#checkers) fail(checker.name, checker.take(happening, at), at);
  }

  /** When all has settled. @throws CheckFailure */
  end(): void {
    const { world, excuses } = this.#site;
    for (const checker of this.#checkers) fail(checker.name, checker.end(), world.now);
    fail('in-step', inStep(world, excuses.disks)[0], world.now);
    this.lists();
  }

  /** At any moment. @throws CheckFailure */
  lists(): void {
    const { world } = this.#site;
    fail('conversation-list', wrongInLists(world), world.now);
  }
}

function fail(checker: string, complaint: string | undefined, at: Instant): void {
  if (complaint !== undefined) throw new CheckFailure(checker, complaint, at);
}
