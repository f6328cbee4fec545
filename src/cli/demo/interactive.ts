/** The demo for people: a world, some small talk in it, and a screen of it all until somebody ends it. */
import { join, relative } from 'node:path';
import type { OperatorError } from '../../core/base/errors.ts';
import { callControl } from '../../shell/control-client.ts';
import { waitForShutdown } from '../../shell/signals.ts';
import type { Painter } from '../colour.ts';
import { Screen } from '../screen.ts';
import { chatter } from './chatter.ts';
import { makeStateDir } from './state-dir.ts';
import { type Invitation, invitationText, type MessageLine, viewLines } from './view.ts';
import { Watch } from './watch.ts';
import { handsets, startWorld, type World, type WorldOptions } from './world.ts';

export interface InteractiveOptions {
  readonly world: Omit<WorldOptions, 'stateDir' | 'onRoleEnded'>;
  /** Kept in any case; undefined takes a temporary one. */
  readonly stateDir: string | undefined;
  /** How it is shown: on a terminal, as lines, or as one document when everything is up. */
  readonly form: 'screen' | 'lines' | 'json';
  readonly paint: Painter;
  readonly printLine: (text: string) => void;
  readonly printNotice: (text: string) => void;
}

const drawMs = 100;

/** Resolves when everything has ended. @throws OperatorError DEMO_ROLE_ENDED */
export async function runInteractive(options: InteractiveOptions): Promise<void> {
  const { path: stateDir, tidy } = await makeStateDir(options.stateDir);
  const logs = join(stateDir, 'logs');
  options.printNotice(`Starting SMSC, IM server, link and buffer; their logs are in ${logs}`);
  const ended = new AbortController();
  let trouble: unknown;
  const giveUp = (error: unknown): void => {
    trouble ??= error;
    ended.abort();
  };
  const roleEnded = (error: OperatorError): void => {
    if (!ended.signal.aborted) giveUp(error);
  };
  const starting = startWorld({ ...options.world, stateDir, onRoleEnded: roleEnded });
  const showing = starting.then((world) =>
    ended.signal.aborted ? undefined : show(world, stateDir, ended.signal, giveUp, options),
  );
  showing.catch(giveUp);
  // Signals are heard until all have ended: npm passes on a Ctrl-C that the terminal has already delivered.
  await waitForShutdown({
    stop: ended.signal,
    onDrain: async () => {
      ended.abort();
      await showing.catch(giveUp);
      options.printNotice('Ending the roles ...');
      await starting.then(
        (world) => world.end(),
        // Whatever was started of it was ended where that failed.
        () => undefined,
      );
    },
  });
  if (trouble !== undefined) throw trouble;
  await tidy();
}

/** Until the signal is aborted. */
async function show(
  world: World,
  stateDir: string,
  signal: AbortSignal,
  giveUp: (error: unknown) => void,
  options: InteractiveOptions,
): Promise<void> {
  const { form, paint, printLine } = options;
  const [, second] = handsets;
  const invitation = invitationOf(world, stateDir);
  const watch = new Watch({
    world,
    handsets: handsets.slice(0, 2),
    onMessage: (line) => {
      if (form === 'lines') printLine(plainMessage(line));
    },
  });
  await watch.start(giveUp);
  if (form === 'lines') for (const line of invitationText(invitation)) printLine(line);
  if (form === 'json')
    printLine(JSON.stringify({ schema: 'demo.ready/1', ...invitation, stateDir, pids: world.pids() }));
  chatter({
    seed: options.world.seed,
    signal,
    fromUser: (text, n) => watch.submit('bob', `demo-${n}`, second, text),
    fromHandset: async (text) => {
      await callControl(world.dirs.smsc, 'POST /inject', { from: second, to: bobsNumber(world), text });
    },
  }).catch(giveUp);
  const screen = form === 'screen' ? new Screen(process.stdout) : undefined;
  const draw = (): void => screen?.draw(viewLines({ invitation, ...watch.now }, { ...screen.size, paint }));
  const timer = setInterval(draw, drawMs);
  screen?.open();
  draw();
  try {
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    clearInterval(timer);
    screen?.close();
    watch.stop();
  }
}

function invitationOf(world: World, stateDir: string): Invitation {
  const [first] = handsets;
  const alice = world.users[0]?.suffix ?? '';
  const command = ownCommand();
  return {
    url: world.imUrl.href,
    users: world.users.map(({ name, password }) => ({ name, password })),
    commands: [
      `export XDG_STATE_HOME=${stateDir}`,
      `${command} smsc inject --from ${first} --to ${world.serviceNumber}${alice} "Hello"`,
      `${command} ring inspect --map`,
    ],
  };
}

function bobsNumber(world: World): string {
  return `${world.serviceNumber}${world.users.find(({ name }) => name === 'bob')?.suffix ?? ''}`;
}

/** How this command was called, to be typed in the same folder. */
function ownCommand(): string {
  const script = process.argv[1] ?? '';
  return script.endsWith('.js') ? `node ${relative(process.cwd(), script)}` : 'ringbridge';
}

function plainMessage({ time, from, to, text, step }: MessageLine): string {
  return `${time}  ${from} → ${to}  ${JSON.stringify(text)}  ${step}`;
}
