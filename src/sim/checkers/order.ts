/**
 * First attempts of one conversation through one SMSC keep their order, both ways. SPEC: DESIGN section 2 rule 5 and
 * section 11, *order*: not across `hold`, nor where the SMSC sends one again behind the next.
 */
import { gapMark } from '../../core/message/joined-content.ts';
import type { Happening } from '../happening.ts';
import { type Checker, type CheckerSite, mayLackParts } from './checker.ts';
import { StrayDelivers } from './stray-delivers.ts';

export function orderChecker({ plan, world, excuses }: CheckerSite): Checker {
  const placeOf = new Map(plan.writings.map(({ text }, place) => [text, place]));
  const longTexts = plan.writings.flatMap(({ text, partCount }) => (partCount > 1 ? [text] : []));
  const writingOf = new Map(plan.writings.map((writing) => [writing.text, writing]));
  /** The latest first arrival by conversation. */
  const last = new Map<string, string>();
  const seen = new Set<string>();
  const strays = new StrayDelivers(plan);

  function arrived(text: string): string | undefined {
    const writing = writingOf.get(text);
    if (writing === undefined) return `"${text}" arrived, and nobody wrote it`;
    if (seen.has(text)) return undefined;
    seen.add(text);
    if (excuses.lost.has(text) || excuses.untold.has(text) || excuses.doubled.has(text)) return undefined;
    if (excuses.late.has(text) || strays.has(text)) return undefined;
    // What was put off comes in the SMSC's own time. SPEC: DESIGN section 2 rule 3.
    if (writing.way === 'mo' && plan.onFull === 'defer') return undefined;
    const conversation = `${writing.way} ${writing.user} ${writing.phone}`;
    const before = last.get(conversation);
    last.set(conversation, text);
    if (before === undefined || (placeOf.get(before) ?? 0) < (placeOf.get(text) ?? 0)) return undefined;
    return `"${text}" came behind "${before}" (${conversation})`;
  }

  /** What is there of it is of one long text, and in its order. */
  function isOfParts(text: string): boolean {
    const pieces = text.split(gapMark);
    return longTexts.some((whole) => {
      let from = 0;
      for (const piece of pieces) {
        const at = whole.indexOf(piece, from);
        if (at < 0) return false;
        from = at + piece.length;
      }
      return true;
    });
  }

  return {
    name: 'order',
    take(happening: Happening) {
      strays.take(happening);
      if (happening.type === 'smsc' && happening.event.type === 'received') {
        return plan.inDoubt === 'resend' ? arrived(happening.event.text) : undefined;
      }
      if (happening.type === 'shown' && happening.event.type === 'message' && happening.event.text.direction === 'in') {
        const { text, marks } = happening.event.text;
        return marks.includes('gap') && mayLackParts(world) && isOfParts(text) ? undefined : arrived(text);
      }
      return undefined;
    },
    end: () => undefined,
  };
}
