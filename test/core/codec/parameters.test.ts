import { describe, expect, it } from 'vitest';
import { maskSecrets } from '../../../src/core/codec/mask.ts';
import { packetNumber } from '../../../src/core/codec/packet-number.ts';
import { findParameter, formatParameterCode, parameterName, parameters } from '../../../src/core/codec/parameters.ts';
import { referenceRows } from './reference.ts';
import { packetOf, vectors } from './vectors.ts';

describe('table of parameters', () => {
  it('has the codes, names, types, lengths and ranges of reference 3.2', () => {
    const printed = referenceRows('3.2').map(([code, name, type, length, range]) => ({
      code: Number(code),
      name: name?.toLowerCase(),
      type: type?.toLowerCase().replace(' ', '-'),
      maxLength: Number.parseInt(length ?? '', 10),
      range: range === '0, 1' ? '0-1' : (range ?? ''),
    }));
    const ours = parameters
      .filter((parameter) => !parameter.isDeprecated)
      .map(({ code, name, type, maxLength, range, emitRange, forbidden }) => {
        const emitted = emitRange ?? range;
        const rangeText = emitted === undefined ? '' : `${emitted.from}-${emitted.to}`;
        return {
          code,
          name: name.toLowerCase(),
          type,
          maxLength,
          range: code === 27 && forbidden !== '' ? 'see 3.3' : rangeText,
        };
      });
    expect(printed).toHaveLength(37);
    expect(ours).toEqual(printed);
  });

  it('names the obsolete codes of reference 3.5, and no others, as deprecated', () => {
    const deprecated = parameters.filter((parameter) => parameter.isDeprecated).map((parameter) => parameter.code);
    expect(deprecated).toEqual([41, 42, 45, 46, 47, 48]);
  });

  it('knows none of the codes that are taken for parameters and are none', () => {
    for (const code of [22, 24, 25, 29, 31, 35, 57, 999]) expect(findParameter(code)).toBeUndefined();
    expect(parameterName(999)).toBe('unknown parameter');
  });

  it('has each code once, in order', () => {
    const codes = parameters.map((parameter) => parameter.code);
    expect(codes).toEqual([...new Set(codes)].sort((a, b) => a - b));
  });

  it('knows every parameter of the vectors', () => {
    for (const vector of vectors) {
      for (const [code] of vector.parameters) expect(findParameter(code), `${vector.name} ${code}`).toBeDefined();
    }
  });

  it('writes codes with three digits', () => {
    expect([7, 21, 900].map(formatParameterCode)).toEqual(['007', '021', '900']);
  });
});

describe('masking', () => {
  const login = {
    operation: 1,
    packetNumber: packetNumber(1),
    parameters: [
      { code: 10, value: 'app' },
      { code: 11, value: 'SeCrEt' },
    ],
  };

  it('replaces a password without telling its length', () => {
    const masked = maskSecrets(login);
    expect(masked.parameters).toEqual([
      { code: 10, value: 'app' },
      { code: 11, value: '********' },
    ]);
    const longer = maskSecrets({ ...login, parameters: [{ code: 11, value: 'a much longer password' }] });
    expect(longer.parameters).toEqual([{ code: 11, value: '********' }]);
  });

  it('leaves the packet itself as it was', () => {
    maskSecrets(login);
    expect(login.parameters[1]?.value).toBe('SeCrEt');
  });

  it('lets no password of the vectors through, and changes nothing else', () => {
    for (const vector of vectors) {
      const packet = packetOf(vector);
      const masked = maskSecrets(packet);
      masked.parameters.forEach(({ code, value }, index) => {
        expect(value === packet.parameters[index]?.value).toBe(code !== 11);
      });
    }
  });
});
