/**
 * What is kept of a webhook: where a program wants to be called, how far it was told, and what it would not take. One
 * note of the gateway holds all of it, so that position and parked deliveries never disagree.
 */
import type { PlainValue } from '../../core/base/values.ts';

/** A delivery that was given up; its message is in the history, and is taken from there when it is tried again. */
export interface ParkedDelivery {
  readonly messageId: string;
  /** History position of what was to be told. */
  readonly position: number;
  /** `answered 404`, in words without a full stop. */
  readonly why: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface Webhook {
  readonly user: string;
  /** When the user was added: another one of the same name later is somebody else. */
  readonly userSince: number;
  /** 1–64 letters, digits, dots, underscores, hyphens; unique for the user. */
  readonly name: string;
  readonly url: string;
  /** `whsec_` and base64. */
  readonly secret: string;
  /** `this-machine`: loopback addresses too. */
  readonly reach: 'public' | 'this-machine';
  readonly createdAt: number;
  /** Everything up to here was taken or is parked. */
  readonly position: number;
  readonly state: 'active' | 'parked';
  /** Why it is parked; empty while it is active. */
  readonly why: string;
  /** At most {@link parkedLimit}, the earliest first. */
  readonly parked: readonly ParkedDelivery[];
  /** The operator wants them tried once more, and the server was not running. */
  readonly isRetryWanted?: true;
}

/** Deliveries given up; the next one parks the whole webhook. */
export const parkedLimit = 100;

export function webhookKey({ user, name }: Pick<Webhook, 'user' | 'name'>): string {
  return `${webhookPrefix}${user}/${name}`;
}

export const webhookPrefix = 'webhook/';

export function webhookValue(hook: Webhook): PlainValue {
  const { user, userSince, name, url, secret, reach, createdAt, position, state, why, parked } = hook;
  const deliveries = parked.map(({ messageId, position: at, why: reason, at: when }) => [messageId, at, reason, when]);
  return [
    user,
    userSince,
    name,
    url,
    secret,
    reach,
    createdAt,
    position,
    state,
    why,
    deliveries,
    hook.isRetryWanted ?? false,
  ];
}

/** @returns undefined for a note of another version */
export function webhookFrom(value: PlainValue): Webhook | undefined {
  if (!Array.isArray(value) || value.length < 11) return undefined;
  const [user, userSince, name, url, secret, reach, createdAt, position, state, why, parked, isRetryWanted] = value;
  const texts = [user, name, url, secret, why];
  if (texts.some((text) => typeof text !== 'string') || !Array.isArray(parked)) return undefined;
  return {
    ...{ user: String(user), userSince: Number(userSince), name: String(name), url: String(url) },
    ...{ secret: String(secret), reach: reach === 'this-machine' ? 'this-machine' : 'public' },
    ...{ createdAt: Number(createdAt), position: Number(position), state: state === 'parked' ? 'parked' : 'active' },
    ...{ why: String(why), parked: parked.map(deliveryFrom) },
    ...(isRetryWanted === true ? { isRetryWanted } : {}),
  };
}

function deliveryFrom(value: PlainValue): ParkedDelivery {
  const [messageId, position, why, at] = Array.isArray(value) ? value : [];
  return { messageId: String(messageId), position: Number(position), why: String(why), at: Number(at) };
}
