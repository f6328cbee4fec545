import { describe, expect, it } from 'vitest';
import { exercise, vectors } from './vectors.ts';

describe('vectors of reference section 10', () => {
  it('are all there', () => {
    expect(vectors).toHaveLength(65);
  });

  it.each(vectors.map((vector) => [vector.name, vector] as const))(
    'decodes, encodes, splits anywhere and stands in noise: %s',
    (_name, vector) => exercise(vector),
  );
});
