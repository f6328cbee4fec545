/** Webhooks over HTTP: a user says where to be called, sees how it goes, and lets parked ones be tried again. */
import { type Answer, badRequest, done, notFound, problem } from './answer.ts';
import type { Asked, Route } from './route.ts';
import type { Webhook } from './webhook.ts';
import type { Webhooks } from './webhooks.ts';

export interface WebhookRoutesOptions {
  readonly webhooks: Webhooks;
}

export function webhookRoutes(options: WebhookRoutesOptions): readonly Route[] {
  const { webhooks } = options;
  const path = '/api/webhooks/{name}';
  return [
    {
      ...{ method: 'GET', path: '/api/webhooks', scope: 'read' },
      handle: ({ login }) => {
        const own = webhooks.of(login.user.name);
        return done({ schema: 'webhooks/1', webhooks: own.map((hook) => webhookDocument(hook)) });
      },
    },
    { method: 'PUT', path, scope: 'read', handle: (asked) => put(asked, options) },
    {
      ...{ method: 'GET', path, scope: 'read' },
      handle: (asked) => {
        const hook = found(asked, webhooks);
        return hook === undefined ? none() : done(webhookDocument(hook));
      },
    },
    {
      ...{ method: 'DELETE', path, scope: 'read' },
      handle: async (asked) => {
        const changed = await change('remove', asked, webhooks);
        return changed === undefined ? none() : { status: 204, document: undefined };
      },
    },
    {
      ...{ method: 'POST', path: '/api/webhooks/{name}/resume', scope: 'read' },
      handle: async (asked) => {
        const changed = await change('retry', asked, webhooks);
        return changed === undefined ? none() : done(webhookDocument(changed));
      },
    },
  ];
}

async function put(asked: Asked, options: WebhookRoutesOptions): Promise<Answer> {
  const { login, names, fields } = asked;
  const { url, secret } = fields;
  if (typeof url !== 'string') return badRequest('A webhook needs `url`.');
  if (secret !== undefined && typeof secret !== 'string') return badRequest('`secret` is a string.');
  const reach = login.scopes.includes('admin') ? 'this-machine' : 'public';
  const name = names['name'] ?? '';
  const isNew = options.webhooks.one(login.user.name, name) === undefined;
  const changed = await options.webhooks.change({ type: 'add', name, url, secret }, login.user, reach);
  if (!changed.ok) {
    const { code, message } = changed.fault;
    const hint = code === 'IM_LIMIT_REACHED' ? { hint: 'Remove one that is not used any more.' } : {};
    return code === 'IM_BAD_REQUEST' ? badRequest(message) : problem({ status: 422, code, message, ...hint });
  }
  const { hook, shownSecret } = changed.value;
  const document = { ...webhookDocument(hook), ...(shownSecret === undefined ? {} : { secret: shownSecret }) };
  return isNew ? { status: 201, document } : done(document);
}

/** @returns undefined where there is none */
async function change(type: 'remove' | 'retry', asked: Asked, webhooks: Webhooks): Promise<Webhook | undefined> {
  const hook = found(asked, webhooks);
  if (hook === undefined) return undefined;
  const changed = await webhooks.change({ type, name: hook.name }, asked.login.user, hook.reach);
  return changed.ok ? changed.value.hook : undefined;
}

function found({ login, names }: Asked, webhooks: Webhooks): Webhook | undefined {
  return webhooks.one(login.user.name, names['name'] ?? '');
}

function none(): Answer {
  return notFound('There is no webhook of this name.');
}

/** All but the secret. */
function webhookDocument({ name, url, createdAt, position, state, why, parked }: Webhook): object {
  const deliveries = parked.map(({ messageId, position: at, why: reason, at: when }) => {
    return { messageId, position: at, why: reason, at: new Date(when).toISOString() };
  });
  const since = new Date(createdAt).toISOString();
  return { schema: 'webhook/1', name, url, createdAt: since, position, state, why, parked: deliveries };
}
