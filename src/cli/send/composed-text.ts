/** A text as the short messages it takes, for a command that sends it straight to an SMSC. */
import { OperatorError } from '../../core/base/errors.ts';
import { type Instant, later } from '../../core/base/time.ts';
import { uuidV7 } from '../../core/base/uuid.ts';
import { septetsOf } from '../../core/codec/gsm-alphabet.ts';
import type { Parameter } from '../../core/codec/packet.ts';
import { messageId, type ShortMessage } from '../../core/message/message.ts';
import { submitParameters } from '../../core/message/packets.ts';
import { splitText } from '../../core/message/split.ts';
import { randomBytes } from '../../shell/hashing.ts';

export interface ComposeOptions {
  readonly to: string;
  readonly text: string;
  /** Digits appended to the account's number, or a whole number; empty for the account's own. */
  readonly from: string;
  readonly coding: 'auto' | 'gsm7' | 'ucs2';
  readonly display: 'normal' | 'flash';
  /** How long the SMSC shall try; undefined leaves it to the SMSC. */
  readonly validityMs: number | undefined;
  readonly report: 'final' | 'none';
}

export interface ComposedText {
  readonly coding: 'gsm7' | 'ucs2';
  /** One submit each, in order. */
  readonly submits: readonly (readonly Parameter[])[];
  /** What was changed so that it could be sent. */
  readonly notices: readonly string[];
}

/** Stands in where the SMSC is to decide: the parameter is taken out again. */
const anyValidityMs = 3_600_000;

/** @throws OperatorError USAGE_BAD_VALUE, IM_TEXT_TOO_LONG */
export function composeText(options: ComposeOptions, now: Instant): ComposedText {
  if (options.coding === 'gsm7') refuseForeignCharacters(options.text);
  const split = splitText(options.text, {
    reference: randomBytes(1)[0] ?? 0,
    ...(options.coding === 'ucs2' ? { coding: 'ucs2' } : {}),
  });
  if (!split.ok) {
    throw new OperatorError({
      code: split.fault.code,
      message: `The text is too long: ${split.fault.message}. Nothing was sent.`,
      hint: 'Send it in several texts.',
    });
  }
  const { coding, parts, replacedSurrogates } = split.value;
  const submits = parts.map((part): readonly Parameter[] => {
    const message: ShortMessage = {
      id: messageId(uuidV7(now, randomBytes)),
      from: options.from,
      to: options.to,
      content: { type: 'text', text: part.text, coding: part.coding, flash: options.display === 'flash' },
      header: new Uint8Array(),
      part: part.part,
      validUntil: later(now, options.validityMs ?? anyValidityMs),
      report: options.report,
      createdAt: now,
      smscTime: undefined,
      textId: '',
    };
    const parameters = submitParameters(message, { now, eightBit: 'combination', reports: options.report });
    return options.validityMs === undefined ? parameters.filter(({ code }) => code !== 50) : parameters;
  });
  const notices =
    replacedSurrogates === 0 ? [] : [`${replacedSurrogates} broken character(s) of the text were replaced by U+FFFD.`];
  return { coding, submits, notices };
}

function refuseForeignCharacters(text: string): void {
  const foreign = [...new Set([...text].filter((character) => septetsOf(character) === undefined))];
  if (foreign.length === 0) return;
  const shown = foreign.slice(0, 5).map((character) => JSON.stringify(character));
  throw new OperatorError({
    code: 'USAGE_BAD_VALUE',
    message: `The GSM alphabet does not have ${shown.join(', ')}${foreign.length > 5 ? ', …' : ''}. Nothing was sent.`,
    hint: 'Use --coding auto or ucs2, or other characters.',
  });
}
