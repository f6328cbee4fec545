/** What `sync replay` asks of a running role, read from the body of its request: letting go of a conflict, handing in. */
import { largestRing } from '../core/ring/sequence.ts';
import { type LaneName, laneNames } from '../core/ring/status.ts';
import type { LetGo } from '../core/sync/let-go.ts';
import { badRequest } from './control-asks.ts';

/** Messages in one request; far below the limit of a request's bytes. */
export const handedInAtOnce = 100;

/** @throws OperatorError CONTROL_BAD_REQUEST */
export function letGoField(body: unknown): { readonly lane: LaneName; readonly letGo: LetGo } {
  const { lane: laneGiven, scope, epoch, held } = fieldsOf(body);
  const lane = laneNames.find((name) => name === laneGiven);
  if (lane === undefined) throw badRequest('lane', '`mt` or `mo`');
  if (scope !== 'ring' && scope !== 'slots') throw badRequest('scope', '`ring` or `slots`');
  if (typeof epoch !== 'string') throw badRequest('epoch', 'a text');
  if (!Array.isArray(held) || held.length > largestRing) throw badRequest('held', 'a list that fits a ring');
  const messages = held.map((value: unknown) => {
    const { seq, contentHash } = fieldsOf(value);
    if (typeof seq !== 'number' || typeof contentHash !== 'string') {
      throw badRequest('held', 'a list of numbers and content hashes');
    }
    return { seq, contentHash };
  });
  return { lane, letGo: { scope, epoch, held: messages } };
}

export interface HandInBody {
  readonly storeId: string;
  readonly isRetired: boolean;
  readonly messages: readonly Uint8Array[];
}

/** @throws OperatorError CONTROL_BAD_REQUEST */
export function handInFields(body: unknown): HandInBody {
  const { storeId, isRetired, messages } = fieldsOf(body);
  if (typeof storeId !== 'string') throw badRequest('storeId', 'a text');
  if (typeof isRetired !== 'boolean') throw badRequest('isRetired', 'true or false');
  if (!Array.isArray(messages) || messages.length > handedInAtOnce) {
    throw badRequest('messages', `a list of at most ${handedInAtOnce}`);
  }
  return {
    storeId,
    isRetired,
    messages: messages.map((text: unknown) => {
      if (typeof text !== 'string') throw badRequest('messages', 'a list of messages in base64');
      return new Uint8Array(Buffer.from(text, 'base64'));
    }),
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  // Of an object; anything else has no fields, which no caller takes.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
