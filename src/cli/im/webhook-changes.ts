/** Lists and changes the webhooks of users of an IM server, running or stopped. */
import type { ImHistory } from '../../core/im/history.ts';
import { webhookKey, webhookValue } from '../../gateways/http/webhook.ts';
import { changeStopped as decideStopped, type OperatorChange } from '../../gateways/http/webhook-control.ts';
import {
  type DeadDelivery,
  deadDeliveriesOf,
  type WebhookView,
  webhooksOf,
} from '../../gateways/http/webhook-views.ts';
import { unknownUser } from '../../gateways/web/user-routes.ts';
import { callControl } from '../../shell/control-client.ts';
import { type ChangedIn, changeStopped, ifRunning, readStopped } from './im-server-state.ts';

/**
 * The webhooks of one user, or of all.
 *
 * @throws OperatorError IM_UNKNOWN_USER (exit status 3), and as `readStopped`
 */
export async function listWebhooks(stateDir: string, user: string | undefined): Promise<readonly WebhookView[]> {
  const answer = await ifRunning(stateDir, () => callControl(stateDir, `GET /webhooks${queryOf(user)}`));
  // The route of the same version: see `webhookControlRoutes`.
  if (answer !== undefined) return (answer as { readonly webhooks: readonly WebhookView[] }).webhooks;
  return readStopped(stateDir, (history) => webhooksOf(history, knownUser(history, user)));
}

/** The deliveries that were given up. @throws OperatorError as `listWebhooks` */
export async function listDead(stateDir: string, user: string | undefined): Promise<readonly DeadDelivery[]> {
  const answer = await ifRunning(stateDir, () => callControl(stateDir, `GET /dead-deliveries${queryOf(user)}`));
  // As above.
  if (answer !== undefined) return (answer as { readonly deliveries: readonly DeadDelivery[] }).deliveries;
  return readStopped(stateDir, (history) => deadDeliveriesOf(history, knownUser(history, user)));
}

/**
 * @returns where it was done, and the secret where one was made
 * @throws OperatorError IM_UNKNOWN_USER, IM_NOT_FOUND, IM_WEBHOOK_TARGET, IM_LIMIT_REACHED (exit status 3), IM_BAD_REQUEST (2),
 *   and as `changeStopped`
 */
export async function changeWebhooks(
  stateDir: string,
  change: OperatorChange,
): Promise<{ readonly where: ChangedIn; readonly secret: string | null }> {
  const answer = await ifRunning(stateDir, () => callControl(stateDir, 'POST /webhooks', change));
  // As above.
  if (answer !== undefined) return { where: 'running', secret: (answer as { readonly secret: string | null }).secret };
  let secret: string | null = null;
  await changeStopped(stateDir, (history) => {
    const user = history.user(change.user);
    if (user === undefined) throw unknownUser();
    const { type, hook, shownSecret } = decideStopped(change, user, history);
    secret = shownSecret ?? null;
    const value = type === 'put' ? webhookValue(hook) : undefined;
    return { type: 'note', gateway: 'http', key: webhookKey(hook), value };
  });
  return { where: 'stopped', secret };
}

function queryOf(user: string | undefined): string {
  return user === undefined ? '' : `?user=${encodeURIComponent(user)}`;
}

function knownUser(history: ImHistory, user: string | undefined): string | undefined {
  if (user !== undefined && history.user(user) === undefined) throw unknownUser();
  return user;
}
