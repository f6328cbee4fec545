/**
 * The control routes about rings that a buffer and an IM server answer alike: their news as they happen, and what an operator
 * decides about a message in doubt, a comparison, a conflict. A buffer has one SMSC; an IM server is told which is meant.
 */
import type { LaneName } from '../core/ring/status.ts';
import type { LetGo } from '../core/sync/let-go.ts';
import type { ControlHandler, ControlRoute } from './control.ts';
import { type ControlAsks, decisionField, numberField } from './control-asks.ts';
import { type RingNewsSource, ringNews } from './ring-news.ts';
import { letGoField } from './sync-asks.ts';

/** An input of either role, but for the SMSC. */
export type RingAsk =
  | { readonly type: 'resolve'; readonly ref: number; readonly slot: number; readonly as: 'sent' | 'not-sent' }
  | { readonly type: 'compare'; readonly ref: number }
  | { readonly type: 'prefer'; readonly ref: number; readonly lane: LaneName; readonly letGo: LetGo };

export interface RingRoutesOptions {
  readonly asks: ControlAsks;
  readonly news: RingNewsSource;
  /** Which SMSC a request means. @throws OperatorError CONTROL_BAD_REQUEST */
  readonly smscIdOf: (body: unknown) => string;
  /** Hands the machine the input. */
  readonly give: (smscId: string, ask: RingAsk) => void;
}

export function ringRoutes({ asks, news, smscIdOf, give }: RingRoutesOptions) {
  return {
    'GET /rings/news': async () => ringNews(news),
    'POST /resolve': async (body) => {
      const [smscId, slot, as] = [smscIdOf(body), numberField(body, 'slot'), decisionField(body)];
      await asks.ask((ref) => give(smscId, { type: 'resolve', ref, slot, as }));
      return { schema: 'ring.resolved/1', smscId, slot, as };
    },
    'POST /compare': async (body) => {
      const smscId = smscIdOf(body);
      await asks.ask((ref) => give(smscId, { type: 'compare', ref }));
      return { schema: 'sync.comparing/1', smscId };
    },
    'POST /prefer': async (body) => {
      const smscId = smscIdOf(body);
      const { lane, letGo } = letGoField(body);
      await asks.ask((ref) => give(smscId, { type: 'prefer', ref, lane, letGo }));
      return { schema: 'sync.let-go/1', smscId, lane };
    },
  } as const satisfies Readonly<Record<ControlRoute, ControlHandler>>;
}
