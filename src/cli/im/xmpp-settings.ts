/**
 * The settings of `im-server start` for its XMPP gateway: a table `[xmpp]` in the config file, or a flag per key. SPEC:
 * DESIGN section 7; what they mean for the XMPP server is in docs/xmpp.md.
 */
import { OperatorError } from '../../core/base/errors.ts';
import { fail, ok, type Result } from '../../core/base/result.ts';
import { isUserName } from '../../core/im/address.ts';
import { list, parsed, rows, secretFile, type ValuesOf } from '../setting-kinds.ts';

const domain = (description: string) => parsed(parseDomain, { description, helpValue: 'DOMAIN' });

export const xmppSettings = {
  xmpp: rows(
    {
      component: domain('domain of the component, as the XMPP server knows it: sms.example.org'),
      server: parsed(parseServer, {
        description: 'where the XMPP server waits for components: HOST:PORT',
        helpValue: 'HOST:PORT',
      }),
      'secret-file': secretFile({ description: 'file with the secret that the XMPP server has for the component' }),
      'users-of': domain('XMPP domain whose accounts are the users of the same name here'),
      user: list(parsed(parseAccount, { description: 'an account and its user', helpValue: 'JID=NAME' })),
    },
    {
      description:
        'XMPP component: component=DOMAIN, server=HOST:PORT, secret-file=FILE, and who is who: users-of=DOMAIN, user=JID=NAME',
      helpValue: 'KEY=VALUE',
      tables: 'once',
      split: (given) => {
        const at = given.indexOf('=');
        if (at < 1) {
          return fail(
            'CONFIG_BAD_VALUE',
            `"${given}" is not of the form KEY=VALUE, for example component=sms.example.org.`,
          );
        }
        return ok({ [given.slice(0, at)]: given.slice(at + 1) });
      },
    },
  ),
} as const;

export type XmppValues = ValuesOf<typeof xmppSettings>;

/** What the gateway is set to (`XmppSettings` of gateways/xmpp). */
export interface XmppChosen {
  readonly domain: string;
  readonly server: { readonly host: string; readonly port: number };
  readonly secret: string;
  readonly usersOf: string | undefined;
  readonly named: ReadonlyMap<string, string>;
}

/** Where servers wait for components by custom. */
const defaultServer = { host: '127.0.0.1', port: 5347 };

/**
 * @returns undefined where no gateway is wanted
 * @throws OperatorError CONFIG_MISSING, CONFIG_BAD_VALUE
 */
export function xmppOf(values: XmppValues): XmppChosen | undefined {
  const given = values.xmpp;
  if (given.length === 0) return undefined;
  const last = <T>(found: readonly (T | undefined)[]) => found.findLast((value) => value !== undefined);
  const component = last(given.map((row) => row.component));
  const secret = last(given.map((row) => row['secret-file']));
  if (component === undefined) throw missing('component', 'component=sms.example.org');
  if (secret === undefined) throw missing('secret-file', 'secret-file=xmpp.secret');
  const named = new Map<string, string>();
  for (const { jid, user } of given.flatMap((row) => row.user)) {
    if (named.has(jid)) {
      throw new OperatorError({
        code: 'CONFIG_BAD_VALUE',
        message: `The XMPP account ${jid} is named twice.`,
        hint: 'An account belongs to one user; leave the other line out.',
      });
    }
    named.set(jid, user);
  }
  const usersOf = last(given.map((row) => row['users-of']));
  const server = last(given.map((row) => row.server)) ?? defaultServer;
  return { domain: component, server, secret, usersOf, named };
}

function parseDomain(value: string): Result<string> {
  if (/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i.test(value) && value.length <= 255) {
    return ok(value.toLowerCase());
  }
  return fail('CONFIG_BAD_VALUE', `"${value}" is no domain, for example sms.example.org.`);
}

function parseServer(value: string): Result<{ readonly host: string; readonly port: number }> {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:\s/[\]]+)):(\d{1,5})$/i.exec(value);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  if (host !== undefined && port >= 1 && port <= 65_535) return ok({ host, port });
  return fail('CONFIG_BAD_VALUE', `"${value}" is not of the form HOST:PORT, for example 127.0.0.1:5347.`);
}

function parseAccount(value: string): Result<{ readonly jid: string; readonly user: string }> {
  const [jid = '', user = '', ...more] = value.split('=').map((part) => part.trim().toLowerCase());
  if (more.length === 0 && /^[^\s@/]+@[^\s@/]+$/.test(jid) && isUserName(user)) return ok({ jid, user });
  return fail('CONFIG_BAD_VALUE', `"${value}" is not of the form JID=NAME, for example alice@example.org=alice.`);
}

function missing(key: string, example: string): OperatorError {
  return new OperatorError({
    code: 'CONFIG_MISSING',
    message: `The XMPP gateway lacks ${key}.`,
    hint: `Give --xmpp ${example}, or ${key} in the table [xmpp] of the file of --config. docs/xmpp.md has an example.`,
  });
}
