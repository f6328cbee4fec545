/** What is found when somebody asks whether a role is well: each thing in words, with what to do about it. */
import type { Painter } from '../colour.ts';
import { printable, wrapText } from '../table.ts';

export interface Finding {
  /** `trouble`: it is not well. `notice`: it is, and somebody may want to know. */
  readonly weight: 'trouble' | 'notice';
  /** Of docs/errors.md, where it has a chapter. */
  readonly code?: string | undefined;
  /** What is the matter, since when and why; no sentence. */
  readonly what: string;
  /** What helps; no sentence either. */
  readonly todo: string;
}

export interface Verdict {
  readonly well: boolean;
  /** Troubles first, each group in order of importance. */
  readonly findings: readonly Finding[];
}

export function verdictOf(findings: readonly Finding[]): Verdict {
  const troubles = findings.filter(({ weight }) => weight === 'trouble');
  return {
    well: troubles.length === 0,
    findings: [...troubles, ...findings.filter(({ weight }) => weight === 'notice')],
  };
}

/** `well`, or `not well: …` and what to do; further troubles and notices below, one after the other. */
export function verdictLines({ well, findings }: Verdict, paint: Painter, columns: number): readonly string[] {
  const lines = findings.flatMap(({ weight, code, what, todo }, i) => {
    const known = code === undefined ? '' : paint.dim(` (${code})`);
    const head = weight === 'notice' ? paint.yellow('note: ') : paint.red(i === 0 ? 'not well: ' : 'not well either: ');
    return [
      // What a peer gave as its reason is its own text.
      ...wrapText(`${head}${printable(what)}${known}`, columns, 10),
      ...wrapText(`${paint.cyan('what to do: ')}${todo}`, columns, 12),
    ];
  });
  return well ? [paint.green('well'), ...lines] : lines;
}
