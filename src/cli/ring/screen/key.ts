/** Keys as the screen knows them, from what a terminal sends; readline has taken the escape sequences apart already. */

export type KeyName =
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'home'
  | 'end'
  | 'enter'
  | 'escape'
  | 'tab'
  | 'back-tab'
  | 'backspace'
  /** Ctrl-C, Ctrl-Z, Ctrl-L, Ctrl-U: raw terminals send them as any other key. */
  | 'interrupt'
  | 'suspend'
  | 'redraw'
  | 'clear-line';

export type Key = { readonly type: 'named'; readonly name: KeyName } | { readonly type: 'text'; readonly text: string };

/** What readline makes of a key. */
export interface Keypress {
  readonly sequence?: string | undefined;
  readonly name?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
  readonly shift?: boolean | undefined;
}

const plain: Readonly<Record<string, KeyName>> = {
  left: 'left',
  right: 'right',
  up: 'up',
  down: 'down',
  pageup: 'page-up',
  pagedown: 'page-down',
  home: 'home',
  end: 'end',
  return: 'enter',
  enter: 'enter',
  escape: 'escape',
  tab: 'tab',
  backspace: 'backspace',
};

const controlled: Readonly<Record<string, KeyName>> = {
  c: 'interrupt',
  z: 'suspend',
  l: 'redraw',
  u: 'clear-line',
  h: 'backspace',
};

/** None for keys that mean nothing here; two where Escape and another came so close that they look like one with Alt. */
export function keysOf(
  { name = '', sequence = '', ctrl, meta, shift }: Keypress,
  text: string | undefined,
): readonly Key[] {
  if (ctrl === true) return named(controlled[name]);
  if (name === 'tab' && shift === true) return named('back-tab');
  const isTogether = meta === true && name !== 'escape' && sequence.startsWith('\u001b');
  const known = named(plain[name]);
  const keys = known.length > 0 ? known : typed(isTogether ? sequence.slice(1) : text);
  return isTogether && keys.length > 0 ? [...named('escape'), ...keys] : keys;
}

function typed(text: string | undefined): readonly Key[] {
  return text === undefined || /[\u0000-\u001f\u007f]/.test(text) ? [] : [{ type: 'text', text }];
}

function named(name: KeyName | undefined): readonly Key[] {
  return name === undefined ? [] : [{ type: 'named', name }];
}
