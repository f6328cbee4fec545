/**
 * Two things that everything else leans on: imports only go down, and the core does no I/O. And what a reader of an
 * error relies on: every code has a chapter. Source: STYLE, sections 1, 2 and 4; read from the sources by the compiler.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../src/core/base/errors.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Lowest first. Rooms on one floor are neighbours and do not import each other. */
const floors: readonly (readonly string[])[] = [
  ['core/base'],
  ['core/codec', 'core/ring'],
  ['core/handshake', 'core/message'],
  ['core/link', 'core/store', 'core/im'],
  ['core/sync'],
  ['core/roles'],
  ['shell', 'gateways', 'sim'],
  ['cli'],
  ['commands', 'hooks'],
];

/** What the core may not even name: I/O, timers, clocks, chance. */
const forbiddenGlobals = new Set([
  'Buffer',
  'Date',
  'WebSocket',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'fetch',
  'global',
  'globalThis',
  'performance',
  'process',
  'queueMicrotask',
  'require',
  'setImmediate',
  'setInterval',
  'setTimeout',
]);

interface Import {
  readonly specifier: string;
  readonly line: number;
  readonly isReExport: boolean;
}

interface Source {
  /** Relative to src, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  /** Lines where something happens that the core may not do. */
  readonly impurities: readonly string[];
}

const sources = sourceFiles(join(root, 'src')).map(readSource);

describe('the floors', () => {
  it('finds the sources it is to judge', () => {
    expect(sources.map((source) => source.path)).toContain('core/base/errors.ts');
    expect(sources.flatMap((source) => source.imports).length).toBeGreaterThan(50);
  });

  it('has a floor for every file', () => {
    const strays = sources.filter((source) => roomOf(source.path) === undefined).map((source) => source.path);
    expect(strays).toEqual([]);
  });

  it('imports only from lower floors and from its own folder', () => {
    const wrong = sources.flatMap((source) =>
      source.imports.flatMap((imported) => {
        const complaint = judgeImport(source.path, imported.specifier);
        return complaint === undefined ? [] : [`${source.path}:${imported.line} ${complaint}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it.each([
    ['core/ring/ring.ts', '../codec/packet.ts', 'sideways'],
    ['core/base/machine.ts', '../ring/ring.ts', 'up'],
    ['shell/tcp.ts', '../gateways/web/gateway.ts', 'sideways'],
    ['core/roles/buffer.ts', '../../shell/tcp.ts', 'up'],
    ['cli/flags.ts', '../commands/demo.ts', 'up'],
    ['shell/tcp.ts', './address', 'without .ts'],
    ['shell/tcp.ts', '../../test/x.ts', 'out of src'],
  ])('would refuse %s importing %s', (from, specifier, why) => {
    expect(judgeImport(from, specifier)).toContain(why);
  });

  it.each([
    ['core/roles/smsc/role.ts', '../buffer/settings.ts'],
    ['core/roles/smsc/role.ts', '../../handshake/server.ts'],
    ['commands/cimd2/send.ts', '../../cli/flags.ts'],
    ['shell/tcp.ts', 'node:net'],
    ['cli/table.ts', './mask.ts'],
  ])('lets %s import %s', (from, specifier) => {
    expect(judgeImport(from, specifier)).toBeUndefined();
  });

  it('has no barrel files', () => {
    const barrels = sources.filter((source) => source.imports.some((imported) => imported.isReExport));
    expect(barrels.map((source) => source.path)).toEqual([]);
  });
});

describe('the core', () => {
  const core = sources.filter((source) => source.path.startsWith('core/'));

  it('imports nothing but itself', () => {
    const foreign = core.flatMap((source) =>
      source.imports
        .filter((imported) => !imported.specifier.startsWith('.'))
        .map((imported) => `${source.path}:${imported.line} imports ${imported.specifier}`),
    );
    expect(foreign).toEqual([]);
  });

  it('does no I/O and knows no timers, clocks, chance or promises', () => {
    expect(core.flatMap((source) => source.impurities)).toEqual([]);
  });

  it.each([
    'const now = Date.now();',
    'const r = Math.random();',
    'export async function f() {}',
    'const f = async () => 1;',
    'setTimeout(() => 1, 5);',
    'const p = new Promise(() => 1);',
    'console.log(1);',
    'const m = import("node:fs");',
    'const b = Buffer.from([]);',
    'globalThis.fetch("x");',
    'for await (const x of y) {}',
  ])('would notice %s', (text) => {
    expect(findImpurities(parse('x.ts', text), 'x.ts')).not.toEqual([]);
  });

  it.each([
    '// Date.now() and setTimeout',
    'const text = "Date process console";',
    'const reported = { process: 1, Date: 2 }.process;',
    "type Durability = 'disk' | 'process';",
    'interface Store { commit(): Promise<void> }',
    'const floor = Math.floor(1.5);',
  ])('has nothing against %s', (text) => {
    expect(findImpurities(parse('x.ts', text), 'x.ts')).toEqual([]);
  });
});

describe('what a reader relies on', () => {
  it('gives every error code a chapter in docs/errors.md, and no chapter to anything else', () => {
    const chapters = [...readFileSync(join(root, 'docs/errors.md'), 'utf8').matchAll(/^## ([A-Z][A-Z0-9_]+)$/gm)];
    expect(chapters.map((chapter) => chapter[1]).sort()).toEqual([...errorCodes].sort());
  });

  it('uses every error code', () => {
    const elsewhere = sources.filter((source) => source.path !== 'core/base/errors.ts').map((source) => source.text);
    const unused = errorCodes.filter((code) => !elsewhere.some((text) => text.includes(`'${code}'`)));
    expect(unused).toEqual([]);
  });

  it('has a glossary', () => {
    expect(existsSync(join(root, 'docs/glossary.md'))).toBe(true);
  });
});

/** What is wrong with this import; undefined if nothing is. */
function judgeImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  if (!/\.(ts|json)$/.test(specifier)) return `imports ${specifier} without .ts`;
  const to = relative(join(root, 'src'), resolve(root, 'src', dirname(from), specifier)).replaceAll('\\', '/');
  if (to.startsWith('..')) return to === '../package.json' ? undefined : `imports ${specifier}, out of src`;
  const [own, other] = [roomOf(from), roomOf(to)];
  if (own === undefined || other === undefined) return `imports ${specifier}: no floor is known for one of them`;
  if (own === other) return undefined;
  const [ownFloor, otherFloor] = [floorOf(own), floorOf(other)];
  if (otherFloor < ownFloor) return undefined;
  return `imports ${specifier}: from ${own} ${otherFloor === ownFloor ? 'sideways' : 'up'} to ${other}`;
}

function roomOf(path: string): string | undefined {
  return floors.flat().find((room) => path.startsWith(`${room}/`));
}

function floorOf(room: string): number {
  return floors.findIndex((rooms) => rooms.includes(room));
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function readSource(file: string): Source {
  const path = relative(join(root, 'src'), file).replaceAll('\\', '/');
  const text = readFileSync(file, 'utf8');
  const parsed = parse(path, text);
  return { path, text, imports: findImports(parsed), impurities: findImpurities(parsed, path) };
}

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true, ts.ScriptKind.TS);
}

function findImports(file: ts.SourceFile): Import[] {
  const imports: Import[] = [];
  const note = (node: ts.Node, specifier: ts.Node | undefined, isReExport: boolean): void => {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) {
      imports.push({ specifier: specifier.text, line: lineOf(file, node), isReExport });
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) note(node, node.moduleSpecifier, false);
    else if (ts.isExportDeclaration(node)) note(node, node.moduleSpecifier, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      note(node, node.arguments[0], false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      note(node, node.argument.literal, false);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return imports;
}

function findImpurities(file: ts.SourceFile, path: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const what = impurityOf(node);
    if (what !== undefined) found.push(`${path}:${lineOf(file, node)} ${what}`);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function impurityOf(node: ts.Node): string | undefined {
  if (node.kind === ts.SyntaxKind.AsyncKeyword || node.kind === ts.SyntaxKind.AwaitKeyword) return 'is asynchronous';
  if (ts.isAwaitExpression(node)) return 'awaits';
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return 'imports at run time';
  if (ts.isNewExpression(node) && node.expression.getText() === 'Promise') return 'makes a promise';
  if (ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random') return 'uses chance';
  if (ts.isIdentifier(node) && forbiddenGlobals.has(node.text) && !isOnlyAName(node)) return `names ${node.text}`;
  return undefined;
}

/** `x.process`, `{ process: 1 }` and the like name a property, not the global. */
function isOnlyAName(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  const isMember =
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent);
  return isMember && parent.name === node;
}

function lineOf(file: ts.SourceFile, node: ts.Node): number {
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}
