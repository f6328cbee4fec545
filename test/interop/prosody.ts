/** Prosody as the XMPP server that the IM server is a component of. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from './peer.ts';
import { type Ground, XmppPeer, type XmppPeerOptions } from './xmpp-peer.ts';

const program = 'prosody';

export function hasProsody(): boolean {
  return findProgram(program) !== undefined;
}

export function startProsody(options: XmppPeerOptions): Promise<XmppPeer> {
  return XmppPeer.start(program, async (ground) => {
    const accounts = join(ground.dir, 'data', 'localhost', 'accounts');
    await mkdir(accounts, { recursive: true });
    for (const [name, password] of Object.entries(options.accounts)) {
      await writeFile(join(accounts, `${name}.dat`), `return { ["password"] = "${password}"; };\n`);
    }
    const config = join(ground.dir, 'prosody.cfg.lua');
    await writeFile(config, configuration(ground, options));
    return { name: 'Prosody', command: findProgram(program) ?? program, args: ['--config', config] };
  });
}

function configuration({ dir, clientPort, componentPort }: Ground, { component, secret }: XmppPeerOptions): string {
  return `
daemonize = false
pidfile = "${join(dir, 'prosody.pid')}"
data_path = "${join(dir, 'data')}"
modules_enabled = { "roster", "saslauth", "disco", "ping", "offline", "mam", "carbons" }
modules_disabled = { "s2s", "tls", "posix" }
c2s_interfaces = { "127.0.0.1" }
c2s_ports = { ${clientPort} }
component_interface = "127.0.0.1"
component_ports = { ${componentPort} }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
network_settings = { nagle = false }
log = { info = "*console" }

VirtualHost "localhost"

Component "${component}"
  component_secret = "${secret}"
`;
}
