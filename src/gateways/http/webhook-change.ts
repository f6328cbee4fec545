/**
 * What becomes of a webhook when its user or the operator changes it: decided here, for a running server and for a stopped
 * one, and carried out by whoever asks.
 */
import { randomBytes } from 'node:crypto';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { User } from '../../core/im/users.ts';
import type { Webhook } from './webhook.ts';
import { parseTarget } from './webhook-target.ts';

/** Of one user. */
export const webhooksPerUser = 8;

const namePattern = /^[A-Za-z0-9._-]{1,64}$/;
/** 24 to 64 bytes. */
const secretPattern = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/;

export type WebhookChange =
  /** A new one, or another address of one that is there. `secret`: left out, the one it has, or a new one. */
  | { readonly type: 'add'; readonly name: string; readonly url: string; readonly secret: string | undefined }
  /** What is parked is tried once more. */
  | { readonly type: 'retry'; readonly name: string }
  | { readonly type: 'remove'; readonly name: string };

/** What it is decided by. */
export interface WebhookGround {
  readonly user: User;
  /** The one of this name, if there is one. */
  readonly known: Webhook | undefined;
  /** How many more the user may have. */
  readonly roomFor: number;
  /** Last position of the user's history. */
  readonly position: number;
  /** Which addresses a new one may have. */
  readonly targets: 'guarded' | 'any';
  /** `this-machine`: the user is allowed loopback addresses. */
  readonly reach: Webhook['reach'];
  /** Milliseconds since 1970. */
  readonly now: number;
}

export type ChangedWebhook =
  /** `shownSecret`: one that was made now, to be shown once. */
  | { readonly type: 'put'; readonly hook: Webhook; readonly shownSecret: string | undefined }
  | { readonly type: 'removed'; readonly hook: Webhook; readonly shownSecret: undefined };

/** @returns or IM_BAD_REQUEST, IM_WEBHOOK_TARGET, IM_LIMIT_REACHED, IM_NOT_FOUND */
export function changeWebhook(change: WebhookChange, ground: WebhookGround): Result<ChangedWebhook> {
  if (change.type === 'add') return addWebhook(change, ground);
  const { known } = ground;
  if (known === undefined) return fail('IM_NOT_FOUND', 'There is no webhook of this name.');
  if (change.type === 'remove') return ok({ type: 'removed', hook: known, shownSecret: undefined });
  return ok({ type: 'put', hook: { ...known, state: 'active', why: '' }, shownSecret: undefined });
}

function addWebhook(
  { name, url, secret: given }: Extract<WebhookChange, { type: 'add' }>,
  { user, known, roomFor, position, targets, reach, now }: WebhookGround,
): Result<ChangedWebhook> {
  if (!namePattern.test(name)) {
    return fail('IM_BAD_REQUEST', 'The name of a webhook has 1 to 64 letters, digits, dots, underscores and hyphens.');
  }
  if (given !== undefined && !secretPattern.test(given)) {
    return fail('IM_BAD_REQUEST', '`secret` is whsec_ and 24 to 64 bytes in base64; left out, one is made.');
  }
  const target = parseTarget(url, targets === 'any' ? 'any' : reach);
  if (!target.ok) return target;
  if (known === undefined && roomFor <= 0) {
    return fail('IM_LIMIT_REACHED', `One user may have ${webhooksPerUser} webhooks.`);
  }
  const made = given === undefined && known === undefined ? `whsec_${randomBytes(32).toString('base64')}` : undefined;
  const hook: Webhook = {
    ...{ user: user.name, userSince: user.createdAt, name, url: target.value.href, reach },
    secret: given ?? known?.secret ?? made ?? '',
    createdAt: known?.createdAt ?? now,
    // From now on; one that is changed goes on where it was.
    position: known?.position ?? position,
    ...{ state: 'active', why: '', parked: known?.parked ?? [] },
  };
  return ok({ type: 'put', hook, shownSecret: made });
}
