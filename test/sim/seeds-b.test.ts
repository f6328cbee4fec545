import { describe } from 'vitest';
import { testSeeds } from './seeds.ts';

describe('the bridge on more bad days', () => {
  testSeeds(101, 200);
});
