/** What can be asked of `cimd2 shell`, as values. How each is typed is `parse.ts`, what it does `shell.ts`. */
import type { Parameter } from '../../../core/codec/packet.ts';
import type { ComposeOptions } from '../../send/compose.ts';
import type { Expectation } from './expectation.ts';

export type ShellCommand =
  | { readonly type: 'nothing' }
  | { readonly type: 'connect' }
  /** Closes the connection without a logout. */
  | { readonly type: 'cut' }
  /** `user`: undefined is that of the command line, with its password. */
  | { readonly type: 'login'; readonly user: string | undefined; readonly passwordFile: string | undefined }
  | { readonly type: 'set-password'; readonly passwordFile: string | undefined }
  /** `extra` follows what the message came to, or takes the place of it. */
  | { readonly type: 'submit'; readonly message: ComposeOptions; readonly extra: readonly Parameter[] }
  /** Logout, enquire, cancel, fetch, get, alive: under the next number, when the window has a place. */
  | { readonly type: 'request'; readonly operation: number; readonly parameters: readonly Parameter[] }
  /** Any packet, at once, whatever the rules. */
  | {
      readonly type: 'packet';
      readonly operation: number;
      /** 0–999; undefined is the next. */
      readonly number: number | undefined;
      readonly parameters: readonly Parameter[];
      readonly checksum: 'as-set' | 'wrong' | 'none';
    }
  | { readonly type: 'raw'; readonly bytes: Uint8Array }
  /** The last packet that a line sent, its bytes unchanged. */
  | { readonly type: 'repeat' }
  | { readonly type: 'answering'; readonly mode: Answering }
  | { readonly type: 'answer'; readonly which: number | 'all'; readonly parameters: readonly Parameter[] }
  | { readonly type: 'wait'; readonly ms: number }
  /** `withinMs`: undefined where it was not said: then what was answered otherwise is not waited for. */
  | { readonly type: 'expect'; readonly expectation: Expectation; readonly withinMs: number | undefined }
  | { readonly type: 'packets'; readonly shown: 'on' | 'off' }
  | { readonly type: 'save'; readonly file: string; readonly answers: 'with' | 'without' }
  | { readonly type: 'source'; readonly file: string }
  | { readonly type: 'help'; readonly topic: string | undefined }
  | { readonly type: 'quit' };

/** How delivers and reports are answered. A code is the 900 for delivers; a report has no negative answer (2.10). */
export type Answering =
  | { readonly type: 'auto' }
  | { readonly type: 'hold' }
  | { readonly type: 'error'; readonly code: number };
