/** `im chat` on a real terminal of 80×24, which tmux lends. What it decides is tested in `chat-machine.test.ts`. */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ImServerInTest } from '../../gateways/web/im-server.ts';

const bin = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
const hasTmux = spawnSync('tmux', ['-V']).status === 0;
const socket = `ringbridge-${process.pid}`;
const phone = '+358401234567';

describe.skipIf(!hasTmux)(`im chat on a terminal${hasTmux ? '' : ' (skipped: not installed: tmux)'}`, () => {
  const server = new ImServerInTest();
  const tmux = (...args: readonly string[]) => execFileSync('tmux', ['-L', socket, ...args], { encoding: 'utf8' });
  const screen = () => tmux('capture-pane', '-p', '-t', 'chat').trimEnd().split('\n');
  const shows = (row: RegExp) =>
    vi.waitFor(() => expect(screen()).toContainEqual(expect.stringMatching(row)), { timeout: 20_000, interval: 100 });

  beforeAll(async () => {
    await server.addUser('alice', 'correct horse', '0001');
    await server.start();
    server.arrive(phone, '28820001', 'Are you there?');
  });
  afterAll(async () => {
    spawnSync('tmux', ['-L', socket, 'kill-server']);
    await server.stop();
  });

  it('shows the history, turns a tick where it stands, and gives the terminal back', async () => {
    const env = `NO_COLOR=1 RINGBRIDGE_IM_PASSWORD='correct horse'`;
    const command = `${env} ${process.execPath} ${bin} im chat ${phone} --url ${server.url} --user alice`;
    tmux('new-session', '-d', '-s', 'chat', '-x', '80', '-y', '24', `${command}; echo "ended $?"; stty -a; read end`);
    await shows(/^\d\d:\d\d ‹ {2}Are you there\?$/);
    tmux('send-keys', '-t', 'chat', `Yes, ${'very '.repeat(20)}much`, 'Enter');
    await shows(/^\d\d:\d\d ✓ {2}Yes, very/);
    tmux('send-keys', '-t', 'chat', 'half typed');
    await shows(/› half typed$/);
    server.confirm(0, '261122140000');
    server.report(0, '261122140000', 4);
    await shows(/^\d\d:\d\d ✔✔ Yes, very/);
    const rows = screen();
    expect(rows.filter((row) => row.includes('Yes, very'))).toHaveLength(1);
    expect(rows.at(-1)).toBe(`${phone} › half typed`);
    tmux('send-keys', '-t', 'chat', 'C-c');
    await shows(/^\+358401234567 ›$/);
    tmux('send-keys', '-t', 'chat', 'C-c');
    await shows(/^ended 0$/);
    await shows(/(?<!-)\bicanon\b/);
  });
});
