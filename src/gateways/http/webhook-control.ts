/**
 * The control routes about the webhooks of users, for whoever may open the control socket of a running IM server, and the same
 * change for a stopped one. Whether a change may be made is decided in `webhook-change.ts`.
 */
import { OperatorError } from '../../core/base/errors.ts';
import type { Result } from '../../core/base/result.ts';
import type { ImHistory } from '../../core/im/history.ts';
import type { User } from '../../core/im/users.ts';
import type { Webhook } from './webhook.ts';
import { type ChangedWebhook, changeWebhook, type WebhookChange, webhooksPerUser } from './webhook-change.ts';
import { deadDeliveriesOf, hooksOf, type WebhookHistory, webhooksOf } from './webhook-views.ts';

/** A change as the operator asks for it. */
export type OperatorChange = WebhookChange & { readonly user: string };

export interface WebhookControlOptions {
  readonly history: Pick<ImHistory, 'notes' | 'user' | 'position'>;
  /** The error for a user that does not exist. */
  readonly unknownUser: () => Error;
  /** Carries it out on the running server, and resolves when it is on disk. */
  readonly change: (change: WebhookChange, user: User, reach: Webhook['reach']) => Promise<Result<ChangedWebhook>>;
}

export function webhookControlRoutes({ history, unknownUser, change }: WebhookControlOptions) {
  const userOf = (query: URLSearchParams): string | undefined => {
    const user = query.get('user') ?? undefined;
    if (user !== undefined && history.user(user) === undefined) throw unknownUser();
    return user;
  };
  return {
    'GET /webhooks': async (_body: unknown, query: URLSearchParams) => {
      return { schema: 'im.webhooks/1', webhooks: webhooksOf(history, userOf(query)) };
    },
    'GET /dead-deliveries': async (_body: unknown, query: URLSearchParams) => {
      return { schema: 'im.webhooks-dead/1', deliveries: deadDeliveriesOf(history, userOf(query)) };
    },
    'POST /webhooks': async (body: unknown) => {
      const wanted = parseOperatorChange(body);
      const user = history.user(wanted.user);
      if (user === undefined) throw unknownUser();
      const changed = await change(wanted, user, reachOf(user));
      if (!changed.ok) throw refusedWebhook(changed.fault);
      return { schema: 'im.webhook-changed/1', secret: changed.value.shownSecret ?? null };
    },
  } as const;
}

/** Of a stopped server: what is to be kept instead. Which addresses a running one would allow besides, only that knows. */
export function changeStopped(change: OperatorChange, user: User, history: WebhookHistory): ChangedWebhook {
  const own = hooksOf(history, user.name);
  const changed = changeWebhook(change, {
    user,
    known: own.find(({ name }) => name === change.name),
    roomFor: webhooksPerUser - own.length,
    position: history.position(user.name),
    ...{ targets: 'guarded', reach: reachOf(user), now: Date.now() },
  });
  if (!changed.ok) throw refusedWebhook(changed.fault);
  const { value } = changed;
  return value.type === 'put' && change.type === 'retry'
    ? { ...value, hook: { ...value.hook, isRetryWanted: true } }
    : value;
}

function reachOf(user: User): Webhook['reach'] {
  return user.scopes.includes('admin') ? 'this-machine' : 'public';
}

/** A definite no: exit status 3. */
function refusedWebhook({ code, message }: Extract<Result<never>, { ok: false }>['fault']): OperatorError {
  const hints = {
    IM_NOT_FOUND: '`ringbridge im-server webhooks list` shows which there are.',
    IM_LIMIT_REACHED: 'Remove one that is not used any more.',
    IM_WEBHOOK_TARGET:
      'Give an https address beyond private networks, or let a server that runs with `--webhook-targets any` add it.',
  } as const;
  const hint = code in hints ? hints[code as keyof typeof hints] : 'Run `ringbridge im-server webhooks add --help`.';
  return new OperatorError({ code, message, hint, exitStatus: code === 'IM_BAD_REQUEST' ? 2 : 3 });
}

/** @throws OperatorError IM_BAD_REQUEST */
function parseOperatorChange(body: unknown): OperatorChange {
  const fields = new Map<string, unknown>(typeof body === 'object' && body !== null ? Object.entries(body) : []);
  const text = (key: string) => {
    const value = fields.get(key);
    return typeof value === 'string' ? value : undefined;
  };
  const [type, user, name, url, secret] = ['type', 'user', 'name', 'url', 'secret'].map(text);
  if (user !== undefined && name !== undefined) {
    if (type === 'retry' || type === 'remove') return { type, user, name };
    if (type === 'add' && url !== undefined) return { type, user, name, url, secret };
  }
  throw new OperatorError({
    code: 'IM_BAD_REQUEST',
    message: 'The request is no change of a webhook.',
    hint: 'Use the ringbridge of the same version as the IM server.',
  });
}
