import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bufferMetrics, imServerMetrics } from '../../../src/shell/metrics/role-metrics.ts';
import { bufferStatus, imServerStatus } from '../../cli/status/sample-status.ts';

describe('docs/operations.md', () => {
  it('names every metric of a buffer and of an IM server, and no other', () => {
    const text = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
    const names = [...bufferMetrics(bufferStatus()), ...imServerMetrics(imServerStatus())].map(({ name }) => name);
    const known = new Set(names.map((name) => name.replace(/^ringbridge_/, '')));
    const table = text.slice(text.indexOf('| process |'), text.indexOf('| simulator |'));
    const documented = new Set([...table.matchAll(/`([a-z_]+)`/g)].map(([, name = '']) => name));
    expect([...documented].sort()).toEqual([...known].sort());
  });
});
