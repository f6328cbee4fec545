import fc from 'fast-check';
import { expect, it } from 'vitest';
import { instant } from '../../../../src/core/base/time.ts';
import { Agenda } from '../../../../src/core/roles/smsc/agenda.ts';

it('gives out what is due by time, and in the order of adding where times are equal', () => {
  const steps = fc.array(fc.oneof(fc.record({ addAt: fc.nat(3) }), fc.record({ takeAt: fc.nat(4) })), {
    maxLength: 60,
    size: 'max',
  });
  fc.assert(
    fc.property(steps, (all) => {
      const agenda = new Agenda<number>();
      let twin: { readonly at: number; readonly task: number }[] = [];
      for (const [task, step] of all.entries()) {
        if ('addAt' in step) {
          agenda.add(instant(step.addAt), task);
          // A stable sort: equal times stay in the order of adding.
          twin = [...twin, { at: step.addAt, task }].sort((a, b) => a.at - b.at);
        } else {
          const due = twin[0] !== undefined && twin[0].at <= step.takeAt ? twin.shift() : undefined;
          expect(agenda.takeDue(instant(step.takeAt))).toBe(due?.task);
        }
        expect(agenda.nextAt).toBe(twin[0]?.at);
        expect(agenda.size).toBe(twin.length);
      }
    }),
  );
});
