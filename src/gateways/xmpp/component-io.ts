/** What goes into and comes out of the component's session with its XMPP server. Types only; the machine is next door. */
import type { LogEvent } from '../../core/base/log-event.ts';
import type { Element } from './xml.ts';

export type ComponentInput =
  | { readonly type: 'start' }
  /** The connection that was asked for is there. */
  | { readonly type: 'connected' }
  | { readonly type: 'received'; readonly text: string }
  /** The connection is over, or could not be had. */
  | { readonly type: 'disconnected'; readonly reason: string }
  /** Ignored while the session is not online. */
  | { readonly type: 'send'; readonly stanzas: readonly Element[] }
  /** Asks when everything that was sent so far has come to the server: `taken` with this mark, then `proven`, if it ever does. */
  | { readonly type: 'prove'; readonly mark: number }
  | { readonly type: 'stop' }
  | { readonly type: 'tick' };

export type ComponentOutput =
  | { readonly type: 'connect' }
  | { readonly type: 'disconnect' }
  | { readonly type: 'write'; readonly text: string }
  | { readonly type: 'online' }
  /** Whatever was not proven may be lost. */
  | { readonly type: 'offline' }
  | { readonly type: 'stanza'; readonly element: Element }
  /** The server has everything that was sent before `prove` with this mark, or an earlier one; killed now, it may lose it. */
  | { readonly type: 'taken'; readonly mark: number }
  /** It has done with that what it does with messages. */
  | { readonly type: 'proven'; readonly mark: number }
  | LogEvent;

/** What is no concern of the connection. */
export type ComponentNews = Extract<ComponentOutput, { type: 'online' | 'offline' | 'stanza' | 'taken' | 'proven' }>;

export interface ComponentSettings {
  /** The component's own domain: `sms.example.org`. */
  readonly domain: string;
  readonly secret: string;
  /** Who is asked to answer pings: a domain of the same server, or the component's own, which comes back to it. */
  readonly pingTo: string;
}
