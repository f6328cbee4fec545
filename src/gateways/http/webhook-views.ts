/** What the operator may see of the webhooks of users: of a running IM server by its control socket, of a stopped one in its store. */
import type { ImHistory } from '../../core/im/history.ts';
import { type Webhook, webhookFrom, webhookPrefix } from './webhook.ts';

/** What is read of a history here. */
export type WebhookHistory = Pick<ImHistory, 'notes' | 'user' | 'position'>;

/** All but the secret. */
export interface WebhookView {
  readonly user: string;
  readonly name: string;
  readonly url: string;
  readonly state: Webhook['state'];
  /** Why it is parked; empty while it is active. */
  readonly why: string;
  /** What is new in its user's history and was neither taken nor parked: positions behind. */
  readonly behind: number;
  /** Deliveries that were given up. */
  readonly parked: number;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** A delivery that was given up. */
export interface DeadDelivery {
  readonly user: string;
  /** Of the webhook. */
  readonly name: string;
  readonly messageId: string;
  /** ISO 8601. */
  readonly at: string;
  readonly why: string;
}

/** In order of user and name; those of one user, or of all. */
export function webhooksOf(history: WebhookHistory, user: string | undefined): readonly WebhookView[] {
  return hooksOf(history, user).map(({ user: of, name, url, state, why, parked, createdAt, position }) => {
    const behind = Math.max(0, history.position(of) - position);
    return { user: of, name, url, state, why, behind, parked: parked.length, createdAt: isoTime(createdAt) };
  });
}

/** In the same order, each webhook's earliest first. */
export function deadDeliveriesOf(history: WebhookHistory, user: string | undefined): readonly DeadDelivery[] {
  return hooksOf(history, user).flatMap(({ user: of, name, parked }) =>
    parked.map(({ messageId, at, why }) => ({ user: of, name, messageId, at: isoTime(at), why })),
  );
}

/** As they are kept. */
export function hooksOf(history: WebhookHistory, user: string | undefined): readonly Webhook[] {
  const hooks: Webhook[] = [];
  for (const [, value] of history.notes('http', webhookPrefix)) {
    const hook = webhookFrom(value);
    if (hook === undefined || (user !== undefined && hook.user !== user)) continue;
    // Another user of the same name later is somebody else, and has none of these.
    if (history.user(hook.user)?.createdAt === hook.userSince) hooks.push(hook);
  }
  return hooks;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
