import { describe, expect, it } from 'vitest';
import { ConnectionGate } from '../../src/shell/connection-gate.ts';

describe('ConnectionGate', () => {
  it('lets one address in so many times a minute, and others besides', () => {
    const gate = new ConnectionGate({ connectionLimit: 100, attemptsPerMinute: 3 });
    const judged = [0, 1, 2, 3, 4].map((nowMs) => gate.judge('a', 0, nowMs));
    expect(judged).toEqual(['welcome', 'welcome', 'welcome', 'too-often', 'too-often']);
    expect(gate.judge('b', 0, 4)).toBe('welcome');
  });

  it('gives turns back evenly, and never more than a minute holds', () => {
    const gate = new ConnectionGate({ connectionLimit: 100, attemptsPerMinute: 3 });
    for (let turn = 0; turn < 3; turn += 1) gate.judge('a', 0, 0);
    expect(gate.judge('a', 0, 19_900)).toBe('too-often');
    expect(gate.judge('a', 0, 20_100)).toBe('welcome');
    expect(gate.judge('a', 0, 20_200)).toBe('too-often');
    const judged = Array.from({ length: 5 }, () => gate.judge('a', 0, 10_000_000));
    expect(judged).toEqual(['welcome', 'welcome', 'welcome', 'too-often', 'too-often']);
  });

  it('refuses when the house is full', () => {
    const gate = new ConnectionGate({ connectionLimit: 2, attemptsPerMinute: 3 });
    expect(gate.judge('a', 1, 0)).toBe('welcome');
    expect(gate.judge('a', 2, 0)).toBe('full');
  });

  it('still knows who came too often after many others came', () => {
    const gate = new ConnectionGate({ connectionLimit: 100, attemptsPerMinute: 3 });
    for (let turn = 0; turn < 3; turn += 1) gate.judge('a', 0, 0);
    for (let other = 0; other < 30_000; other += 1) gate.judge(`other ${other}`, 0, 1);
    expect(gate.judge('a', 0, 2)).toBe('too-often');
  });
});
