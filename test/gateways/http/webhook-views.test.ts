import { describe, expect, it } from 'vitest';
import { historyOf } from '../../../src/core/im/history.ts';
import { type Webhook, webhookKey, webhookValue } from '../../../src/gateways/http/webhook.ts';
import { deadDeliveriesOf, webhooksOf } from '../../../src/gateways/http/webhook-views.ts';
import { ImServerInTest } from '../web/im-server.ts';

describe('what the operator sees of webhooks', () => {
  it('is where they point and how they are, without secrets, and nothing of users who are gone', async () => {
    const server = new ImServerInTest();
    await server.addUser('alice', 'correct horse', '0001');
    await server.addUser('bob', 'correct horse', '0002');
    const history = historyOf(server.store);
    const since = (name: string) => Number(history.user(name)?.createdAt);
    const note = (changes: Partial<Webhook> & Pick<Webhook, 'user' | 'name'>) => {
      const hook: Webhook = {
        ...{ userSince: since(changes.user), url: 'https://example.org/hook', secret: 'whsec_never-shown' },
        ...{ reach: 'public', createdAt: 0, position: 0, state: 'active', why: '', parked: [], ...changes },
      };
      server.input({ type: 'note', gateway: 'http', key: webhookKey(hook), value: webhookValue(hook) });
    };
    const parked = [{ messageId: 'id', position: 1, why: 'answered 404', at: 0 }];
    note({ user: 'bob', name: 'b', state: 'parked', why: 'answered 410', parked });
    note({ user: 'alice', name: 'a' });
    note({ user: 'alice', name: 'of an earlier alice', userSince: 1 });
    note({ user: 'nobody', name: 'n' });
    server.arrive('+358401234567', '28820001', 'Hello');
    const common = { url: 'https://example.org/hook', createdAt: '1970-01-01T00:00:00.000Z' };
    const [alices, bobs] = [
      { ...common, user: 'alice', name: 'a', state: 'active', why: '', behind: 1, parked: 0 },
      { ...common, user: 'bob', name: 'b', state: 'parked', why: 'answered 410', behind: 0, parked: 1 },
    ];
    expect(webhooksOf(history, undefined)).toEqual([alices, bobs]);
    expect(webhooksOf(history, 'bob')).toEqual([bobs]);
    const dead = { user: 'bob', name: 'b', messageId: 'id', at: '1970-01-01T00:00:00.000Z', why: 'answered 404' };
    expect([deadDeliveriesOf(history, undefined), deadDeliveriesOf(history, 'alice')]).toEqual([[dead], []]);
  });
});
