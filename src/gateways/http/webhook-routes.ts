/** Webhooks over HTTP: a user says where to be called, sees how it goes, and lets parked ones be tried again. */
import { randomBytes } from 'node:crypto';
import type { ImHistory } from '../../core/im/history.ts';
import { type Answer, badRequest, done, notFound, problem } from './answer.ts';
import type { Asked, Route } from './route.ts';
import type { Webhook } from './webhook.ts';
import { parseTarget } from './webhook-target.ts';
import { type Webhooks, webhooksPerUser } from './webhooks.ts';

const namePattern = /^[A-Za-z0-9._-]{1,64}$/;
/** 24 to 64 bytes. */
const secretPattern = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/;

export interface WebhookRoutesOptions {
  readonly webhooks: Webhooks;
  readonly history: ImHistory;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly targets: 'guarded' | 'any';
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
        const hook = found(asked, webhooks);
        if (hook === undefined) return none();
        await webhooks.remove(hook);
        return { status: 204, document: undefined };
      },
    },
    {
      ...{ method: 'POST', path: '/api/webhooks/{name}/resume', scope: 'read' },
      handle: async (asked) => {
        const hook = found(asked, webhooks);
        if (hook === undefined) return none();
        const resumed: Webhook = { ...hook, state: 'active', why: '' };
        await webhooks.put(resumed);
        return done(webhookDocument(resumed));
      },
    },
  ];
}

async function put(asked: Asked, { webhooks, history, clock, targets }: WebhookRoutesOptions): Promise<Answer> {
  const { login, names, fields } = asked;
  const { user } = login;
  const name = names['name'] ?? '';
  if (!namePattern.test(name)) {
    return badRequest('The name of a webhook has 1 to 64 letters, digits, dots, underscores and hyphens.');
  }
  const { url, secret: given } = fields;
  if (typeof url !== 'string') return badRequest('A webhook needs `url`.');
  if (given !== undefined && (typeof given !== 'string' || !secretPattern.test(given))) {
    return badRequest('`secret` is whsec_ and 24 to 64 bytes in base64; left out, one is made.');
  }
  const reach = login.scopes.includes('admin') ? 'this-machine' : 'public';
  const target = parseTarget(url, targets === 'any' ? 'any' : reach);
  if (!target.ok) return problem({ status: 422, ...target.fault });
  const known = webhooks.one(user.name, name);
  if (known === undefined && !webhooks.hasRoomFor(user.name)) {
    const message = `One user may have ${webhooksPerUser} webhooks.`;
    return problem({ status: 422, code: 'IM_LIMIT_REACHED', message, hint: 'Remove one that is not used any more.' });
  }
  const secret = given ?? known?.secret ?? `whsec_${randomBytes(32).toString('base64')}`;
  const now = clock();
  const hook: Webhook = {
    ...{ user: user.name, userSince: user.createdAt, name, url: target.value.href, secret, reach },
    createdAt: known?.createdAt ?? now,
    // From now on; one that is changed goes on where it was.
    position: known?.position ?? history.position(user.name),
    ...{ state: 'active', why: '', parked: known?.parked ?? [] },
  };
  await webhooks.put(hook);
  const isShown = given === undefined && known === undefined;
  const document = { ...webhookDocument(hook), ...(isShown ? { secret } : {}) };
  return known === undefined ? { status: 201, document } : done(document);
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
