/**
 * How long a text is, for whoever writes it: coding, parts, and how much still fits. The same layout that `split.ts` cuts
 * by, without making messages. Source: docs/reference/cimd2.md section 7.8.
 */
import type { NationalLanguages, NationalTables } from '../codec/national-language.ts';
import { toWellFormed } from '../codec/user-data.ts';
import type { HeaderElement } from '../codec/user-data-header.ts';
import {
  foreignCharacters,
  type LayoutOptions,
  layOutAsUcs2,
  layOutText,
  partsOf,
  sizeOfPiece,
} from './text-layout.ts';

export interface EstimateOptions {
  /** Default `auto`: the text decides. */
  readonly coding?: 'auto' | 'gsm7' | 'ucs2';
  /** Default `off`. */
  readonly national?: NationalLanguages;
  /** Header elements that every part is to have besides concatenation and national tables. */
  readonly headers?: readonly HeaderElement[];
  /** Bits of the reference that a long text is to get; default 8. */
  readonly referenceBits?: 8 | 16;
}

export interface TextEstimate {
  /** What the text takes: `ucs2` also where `gsm7` was asked for and the text does not fit it, see `foreign`. */
  readonly coding: 'gsm7' | 'ucs2';
  /** National tables that it would be sent in. */
  readonly national: NationalTables | undefined;
  /** Septets (an extension character is two) or UTF-16 units of the whole text. */
  readonly units: number;
  /** What one part holds: 160 or 153 septets, 70 or 67 units; less with headers or a 16-bit reference. */
  readonly perPart: number;
  /** 1 or more; above 255 it is an estimate, and the text cannot be sent. Infinite where the headers leave no room. */
  readonly parts: number;
  /** Units that still fit the last part. */
  readonly left: number;
  /** Distinct characters that forced `ucs2`, in order of appearance; empty where it was asked for. */
  readonly foreign: readonly string[];
}

/** Lone surrogates count as the U+FFFD that they would be sent as. Never fails: what cannot be sent has a length too. */
export function estimateText(text: string, options: EstimateOptions = {}): TextEstimate {
  const { coding = 'auto', national = 'off', headers = [], referenceBits = 8 } = options;
  const wellFormed = toWellFormed(text).text;
  const layoutOptions: LayoutOptions = {
    coding,
    national,
    elements: headers,
    concatenationOctets: referenceBits === 8 ? 5 : 6,
  };
  const layout = layOutText(wellFormed, layoutOptions) ?? layOutAsUcs2(wellFormed, layoutOptions);
  const parts = partsOf(layout);
  const last = layout.pieces?.at(-1);
  const used = last === undefined ? 0 : sizeOfPiece(last, layout);
  return {
    coding: layout.coding,
    national: layout.tables,
    units: layout.size,
    perPart: layout.capacity,
    parts,
    left: last === undefined ? 0 : layout.capacity - used,
    foreign: layout.coding === 'ucs2' && coding !== 'ucs2' ? foreignCharacters(wellFormed) : [],
  };
}
