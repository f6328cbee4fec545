import { describe, expect, it } from 'vitest';
import { OperatorError } from '../../../src/core/base/errors.ts';
import { checkFormats, openIdentity, retiredKey, stoppedRecord } from '../../../src/core/store/identity.ts';
import { randomBytes } from '../../../src/shell/hashing.ts';
import { MemoryStore } from '../im/memory-store.ts';

const buffer = { role: 'buffer', smscId: 'hel1' } as const;

function open(store: MemoryStore, owner: { readonly role: 'buffer' | 'im-server'; readonly smscId: string } = buffer) {
  const { identity, records } = openIdentity(store, owner, randomBytes);
  store.write(records);
  return identity;
}

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'nothing was thrown';
  } catch (error) {
    return error instanceof OperatorError ? `${error.code} ${error.exitStatus}` : String(error);
  }
}

describe('the identity of a store', () => {
  it('keeps its id and gets a new run with every start', () => {
    const store = new MemoryStore();
    const lives = [open(store), open(store), open(store)];
    expect(new Set(lives.map(({ storeId }) => storeId)).size).toBe(1);
    expect(new Set(lives.map(({ run }) => run)).size).toBe(3);
    for (const { storeId, run } of lives) expect([storeId, run].join(' ')).toMatch(/^[0-9a-f]{32} [0-9a-f]{32}$/);
    expect(open(new MemoryStore()).storeId).not.toBe(lives[0]?.storeId);
  });

  it('counts commits on from where the last start left them, and notes where each run began', () => {
    const store = new MemoryStore();
    const first = open(store);
    for (let commit = 0; commit < 5; commit += 1) store.write([first.countCommit()]);
    expect(first.position()).toEqual({ run: first.run, count: 5 });
    // Counted but not written: the commit was lost with the process.
    first.countCommit();
    const second = open(store);
    expect(second.position()).toEqual({ run: second.run, count: 5 });
    expect([...store.entries(['runs'])].map(([, value]) => value)).toEqual([
      [1, first.run, 0, '', '', ''],
      [1, second.run, 5, '', '', ''],
    ]);
  });

  it('remembers the last 1,024 runs, in their order', () => {
    const store = new MemoryStore();
    const runs = Array.from({ length: 1_030 }, () => open(store).run);
    const kept = [...store.entries(['runs'])].map(([, value]) => (Array.isArray(value) ? value[1] : undefined));
    expect(kept).toEqual(runs.slice(-1_024));
  });

  it('becomes another store where only the process was promised to survive and the system was started anew', () => {
    const store = new MemoryStore();
    const life = (durability: 'disk' | 'process', boot: string | undefined) => {
      const { identity, records, renewed } = openIdentity(store, { ...buffer, durability, boot }, randomBytes);
      store.write(records);
      return { identity, renewed };
    };
    const first = life('process', 'boot 1');
    // Killed: the system still holds what it was given.
    const killed = life('process', 'boot 1');
    expect([killed.renewed, killed.identity.storeId]).toEqual([undefined, first.identity.storeId]);
    const another = life('process', 'boot 2');
    expect(another.renewed).toBe('power-lost');
    expect(another.identity.storeId).not.toBe(first.identity.storeId);
    // Where nobody knows the boot, each start may follow a loss of power.
    expect(life('process', undefined).renewed).toBe('power-lost');
    // What had ended in order was flushed when it was closed.
    const orderly = life('process', 'boot 3');
    store.write([stoppedRecord(orderly.identity)]);
    const flushed = life('disk', 'boot 4');
    expect([flushed.renewed, flushed.identity.storeId]).toEqual([undefined, orderly.identity.storeId]);
    expect(life('disk', 'boot 5').renewed).toBeUndefined();
  });

  it('stays retired over a loss of power, and only an operator makes it another store again', () => {
    const store = new MemoryStore();
    const life = (boot: string, restored = false) => {
      const opened = openIdentity(store, { ...buffer, durability: 'process', boot, restored }, randomBytes);
      store.write(opened.records);
      return opened;
    };
    const first = life('boot 1');
    store.write([{ key: retiredKey, value: [1, 0] }]);
    const second = life('boot 2');
    expect([second.renewed, second.identity.storeId]).toEqual([undefined, first.identity.storeId]);
    expect(store.get(retiredKey)).toBeDefined();
    expect(life('boot 3', true).renewed).toBe('restored');
    expect(store.get(retiredKey)).toBeUndefined();
  });

  it('serves one role and one SMSC, and says whose it is', () => {
    const store = new MemoryStore();
    open(store);
    expect(codeOf(() => open(store, { role: 'im-server', smscId: '' }))).toBe('STORE_WRONG_ROLE 2');
    expect(codeOf(() => open(store, { role: 'buffer', smscId: 'tku1' }))).toBe('STORE_WRONG_SMSC 2');
    expect(() => open(store, { role: 'buffer', smscId: 'tku1' })).toThrow(/hel1.*tku1/);
  });

  it.each([
    ['a newer format', [2, 'whatever']],
    ['no format', 'text'],
    ['nothing but a list', []],
  ])('refuses a store with a record of %s, wherever it stands, and changes nothing', (_, value) => {
    const store = new MemoryStore();
    open(store);
    store.write([{ key: ['ring', 'hel1', 'mt', 'slot', 7], value }]);
    const before = [...store.entries([])];
    expect(codeOf(() => open(store))).toBe('STORE_FORMAT_UNKNOWN 2');
    expect([...store.entries([])]).toEqual(before);
  });

  it('says of an older format how to leave it without losing anything', () => {
    const store = new MemoryStore();
    store.write(openIdentity(store, { ...buffer, version: '0.0.9' }, randomBytes).records);
    store.write([{ key: ['ring', 'hel1', 'mt', 'slot', 7], value: [0] }]);
    const before = [...store.entries([])];
    const opening = () => openIdentity(store, { ...buffer, version: '0.1.0' }, randomBytes);
    expect(opening).toThrow(
      expect.objectContaining({
        code: 'STORE_FORMAT_UNKNOWN',
        hint: expect.stringMatching(/^Start ringbridge 0\.0\.9, .* until its rings are empty .* empty --state-dir/),
      }),
    );
    expect([...store.entries([])]).toEqual(before);
  });

  it('says which version ran on it last, since that one can read what it wrote', () => {
    const store = new MemoryStore();
    for (const version of ['0.9.0', '0.10.1']) {
      const { records } = openIdentity(store, { ...buffer, version }, randomBytes);
      store.write(records);
    }
    store.write([{ key: ['ring', 'hel1', 'mt', 'slot', 7], value: [2] }]);
    let hint = '';
    try {
      checkFormats(store, [['ring']]);
    } catch (error) {
      hint = error instanceof OperatorError ? error.hint : '';
    }
    expect(hint).toContain('ringbridge 0.10.1');
    expect(() => checkFormats(store, [['store'], ['runs']])).not.toThrow();
  });
});

describe('a table of history', () => {
  const history = [
    ['im', 'text'],
    ['im', 'word'],
  ] as const;
  const owner = { role: 'im-server', smscId: '', history } as const;
  const start = (store: MemoryStore) => {
    const { records } = openIdentity(store, owner, randomBytes);
    store.write(records);
  };

  it('is read whole at the first start, and at no later one', () => {
    const store = new MemoryStore();
    store.write([
      { key: ['im', 'text', 'alice', 'a'], value: [2, 'from the future'] },
      { key: ['im', 'aaa'], value: [1] },
    ]);
    expect(codeOf(() => start(store))).toBe('STORE_FORMAT_UNKNOWN 2');
    store.write([{ key: ['im', 'text', 'alice', 'a'], value: [1, 'now'] }]);
    start(store);
    store.write([{ key: ['im', 'text', 'alice', 'b'], value: [2, 'nobody looks here'] }]);
    expect(codeOf(() => start(store))).toBe('nothing was thrown');
  });

  it('of a later format than is known here is refused by the record that says so', () => {
    const store = new MemoryStore();
    start(store);
    store.write([{ key: ['formats', 'im', 'word'], value: [1, 2] }]);
    expect(() => start(store)).toThrow('Table im/word has format 2; this version reads format 1. Nothing was changed.');
  });

  it('keeps nothing beside it from being read', () => {
    for (const key of [['im', 'live', 'user', 'alice'], ['im', 'texts'], ['im', 'wordless', 1], ['new'], ['im']]) {
      const store = new MemoryStore();
      start(store);
      store.write([
        { key: ['im', 'text', 'a'], value: [1] },
        { key: ['im', 'text', 'z', 9], value: [1] },
        { key: ['im', 'word', 'z'], value: [1] },
        { key, value: [2] },
      ]);
      expect([key, codeOf(() => start(store))]).toEqual([key, 'STORE_FORMAT_UNKNOWN 2']);
    }
  });
});
