/** ejabberd as the XMPP server that the IM server is a component of, in the way of docs/xmpp.md. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from './peer.ts';
import { type Ground, XmppPeer, type XmppPeerOptions } from './xmpp-peer.ts';

/** Where Debian has its Erlang libraries; its own `ejabberdctl` insists on a user and directories of the system. */
const libraries = ['x86_64-linux-gnu', 'aarch64-linux-gnu']
  .map((machine) => `/usr/lib/${machine}`)
  .find((dir) => existsSync(dir));

export function hasEjabberd(): boolean {
  return findProgram('ejabberdctl') !== undefined && findProgram('erl') !== undefined && libraries !== undefined;
}

export function startEjabberd(options: XmppPeerOptions): Promise<XmppPeer> {
  return XmppPeer.start('ejabberd', async (ground) => {
    const { dir } = ground;
    await mkdir(join(dir, 'db'));
    await writeFile(join(dir, 'ejabberd.yml'), configuration(ground, options));
    const binary = (text: string): string => `<<"${text}">>`;
    const registrations = Object.entries(options.accounts).map(
      ([name, password]) => `ejabberd_auth:try_register(${[name, 'localhost', password].map(binary).join(',')})`,
    );
    // The accounts are there before anybody can ask for them.
    const then = ['-eval', `${registrations.join(',')}, io:format("ready~n").`];
    return {
      name: 'ejabberd',
      command: 'erl',
      args: ['-noinput', '-mnesia', 'dir', JSON.stringify(join(dir, 'db')), '-s', 'ejabberd', ...then],
      env: {
        EJABBERD_CONFIG_PATH: join(dir, 'ejabberd.yml'),
        EJABBERD_LOG_PATH: join(dir, 'ejabberd.log'),
        ERL_LIBS: libraries ?? '',
        ERL_CRASH_DUMP_BYTES: '0',
      },
      ready: /^ready$/m,
    };
  });
}

function configuration({ clientPort, componentPort }: Ground, { component, secret }: XmppPeerOptions): string {
  return `
hosts: [localhost]
loglevel: info
listen:
  - port: ${clientPort}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    access: all
  - port: ${componentPort}
    ip: "127.0.0.1"
    module: ejabberd_service
    access: all
    hosts:
      "${component}":
        password: "${secret}"
auth_method: internal
auth_password_format: plain
modules:
  mod_carboncopy: {}
  mod_disco: {}
  mod_mam: { default: always }
  mod_offline: {}
  mod_ping: {}
  mod_roster: {}
`;
}
