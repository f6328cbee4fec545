/** When a text reached its steps, for whoever asks about one text. It is read from its trail, where it has one. */
import type { Instant } from '../base/time.ts';
import type { TextSight } from './find-texts.ts';
import { madeAt, type Step } from './text.ts';

export interface StepReached {
  readonly step: Step;
  /** When its user could first see it; undefined for a step of a text from before that was kept. */
  readonly at: Instant | undefined;
}

/** In their order, the present one last. A text that was tried again has gone back and forth. */
export function stepsReached({ view, trail }: TextSight): readonly StepReached[] {
  if (trail?.direction === 'in') return [{ step: 'stored', at: trail.arrivedAt }];
  const at = madeAt(view.id);
  // No short message was made of it: it ended where it began.
  if (view.step === 'failed' && view.parts === 0) return [{ step: 'failed', at }];
  const kept: readonly StepReached[] = trail?.reached ?? [];
  const reached: readonly StepReached[] = kept[0]?.step === 'stored' ? kept : [{ step: 'stored', at }, ...kept];
  return reached.at(-1)?.step === view.step ? reached : [...reached, { step: view.step, at: undefined }];
}
