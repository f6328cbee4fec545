/** The simulated world of `src/sim` with the real bytes and hashes, for tests of what lives in it. */
import { World as SimulatedWorld, type WorldOptions } from '../../src/sim/world.ts';
import { means } from '../sim/means.ts';

export type { WorldOptions };

export class World extends SimulatedWorld {
  constructor(options: WorldOptions = {}) {
    super(options, means);
  }

  /** Everything runs, alice and bob are there, and the links are in step. */
  static running(options: WorldOptions = {}): World {
    const world = new World(options);
    world.begin();
    return world;
  }
}
