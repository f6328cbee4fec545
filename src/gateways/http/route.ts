/**
 * The table of operations: which there are, what scope they need, and which one a request means. Paths are written as in
 * openapi.yaml, which a test compares with the table.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scope } from '../../core/im/users.ts';
import type { Login } from '../web/logins.ts';
import type { Answer } from './answer.ts';

/** A request that was let in. */
export interface Asked {
  readonly login: Login;
  /** What stands in the place of `{name}` in the path. */
  readonly names: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  /** For an operation that answers by and by. */
  readonly response: ServerResponse;
  /** The object of JSON in the body; empty for a method that has none. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `/api/messages/{id}`: a name in braces stands for one part. */
  readonly path: string;
  readonly scope: Scope;
  /** Names that the query may hold. */
  readonly parameters?: readonly string[];
  /** `streaming`: the response was taken over. */
  readonly handle: (asked: Asked) => Answer | 'streaming' | Promise<Answer>;
}

export type Found =
  | { readonly type: 'route'; readonly route: Route; readonly names: Readonly<Record<string, string>> }
  | { readonly type: 'other-method'; readonly allow: string }
  | { readonly type: 'nothing' };

/** @param path without the query, as it came */
export function findRoute(routes: readonly Route[], method: string, path: string): Found {
  const fitting = routes.flatMap((route) => {
    const names = namesIn(route.path, path);
    return names === undefined ? [] : [{ route, names }];
  });
  const found = fitting.find(({ route }) => route.method === method);
  if (found !== undefined) return { type: 'route', ...found };
  if (fitting.length === 0) return { type: 'nothing' };
  return { type: 'other-method', allow: fitting.map(({ route }) => route.method).join(', ') };
}

function namesIn(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return undefined;
  const names: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    if (name === undefined) {
      if (part !== value) return undefined;
    } else {
      const decoded = decode(value);
      if (decoded === undefined || decoded === '') return undefined;
      names[name] = decoded;
    }
  }
  return names;
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    if (cause instanceof URIError) return undefined;
    throw cause;
  }
}
