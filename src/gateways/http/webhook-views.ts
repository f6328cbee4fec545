/** What the operator may see of the webhooks of users, by the control socket of a running IM server or from a stopped store. */
import type { ImHistory } from '../../core/im/history.ts';
import { type Webhook, webhookFrom, webhookPrefix } from './webhook.ts';

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

/** In order of user and name; those of one user, or of all. */
export function webhooksOf(
  history: Pick<ImHistory, 'notes' | 'user' | 'position'>,
  user: string | undefined,
): readonly WebhookView[] {
  const views: WebhookView[] = [];
  for (const [, value] of history.notes('http', webhookPrefix)) {
    const hook = webhookFrom(value);
    if (hook === undefined || (user !== undefined && hook.user !== user)) continue;
    // Another user of the same name later is somebody else, and has none of these.
    if (history.user(hook.user)?.createdAt !== hook.userSince) continue;
    const { name, url, state, why, parked, createdAt, position } = hook;
    const behind = Math.max(0, history.position(hook.user) - position);
    const since = new Date(createdAt).toISOString();
    views.push({ user: hook.user, name, url, state, why, behind, parked: parked.length, createdAt: since });
  }
  return views;
}

/** The control route. @param unknownUser the error for a user that does not exist */
export function webhookControlRoutes(
  history: Pick<ImHistory, 'notes' | 'user' | 'position'>,
  unknownUser: () => Error,
) {
  return {
    'GET /webhooks': async (_body: unknown, query: URLSearchParams) => {
      const user = query.get('user') ?? undefined;
      if (user !== undefined && history.user(user) === undefined) throw unknownUser();
      return { schema: 'im.webhooks/1', webhooks: webhooksOf(history, user) };
    },
  } as const;
}
