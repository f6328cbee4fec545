import { describe, expect, it } from 'vitest';
import {
  formatAddress,
  isLoopback,
  parseListenAddress,
  parseTransportAddress,
  parseWebSocketAddress,
} from '../../src/shell/address.ts';

const bad = expect.objectContaining({
  code: 'CONFIG_BAD_ADDRESS',
  exitStatus: 2,
  hint: expect.stringMatching(/^Write it like /),
});

describe('parseTransportAddress', () => {
  it.each([
    ['tcp://127.0.0.1:9971', { type: 'tcp', host: '127.0.0.1', port: 9971 }],
    ['tcp://smsc.example.org:1/', { type: 'tcp', host: 'smsc.example.org', port: 1 }],
    ['tls://[::1]:9972', { type: 'tls', host: '::1', port: 9972 }],
    ['unix:/run/smsc.sock', { type: 'unix', path: '/run/smsc.sock' }],
    ['unix:///run/smsc.sock', { type: 'unix', path: '/run/smsc.sock' }],
    ['serial:/dev/ttyS0?baud=115200', { type: 'serial', path: '/dev/ttyS0', baud: 115_200 }],
    ['serial:///dev/ttyUSB0?baud=9600', { type: 'serial', path: '/dev/ttyUSB0', baud: 9_600 }],
  ])('reads %s, and writes it so that it reads the same', (text, address) => {
    expect(parseTransportAddress(text)).toEqual(address);
    expect(parseTransportAddress(formatAddress(parseTransportAddress(text)))).toEqual(address);
  });

  it.each([
    '',
    'smsc',
    'smsc:9971',
    'tcp://',
    'tcp://host',
    'tcp://host:',
    'tcp://host:0',
    'tcp://host:65536',
    'tcp://host:99999999999',
    'tcp://a b:1',
    'tcp://host:1/path',
    'http://host:1',
    'unix:relative',
    'unix:',
  ])('refuses "%s" with an example', (text) => {
    expect(() => parseTransportAddress(text)).toThrow(bad);
  });

  it.each([
    ['serial:/dev/ttyS0', 'the speed of the line belongs behind ?baud='],
    ['serial:/dev/ttyS0?baud=', '"" is no speed; there are 1200, '],
    ['serial:/dev/ttyS0?baud=14000', '"14000" is no speed'],
    ['serial:/dev/ttyS0?baud=9600&baud=1200', 'the speed of the line'],
    ['serial:/dev/ttyS0?parity=even&baud=9600', '"parity" is no setting of a serial line'],
    ['serial:ttyS0?baud=9600', 'the path of a device belongs behind serial:'],
    ['serial:', 'the path of a device'],
  ])('says what is wrong with the serial line "%s"', (text, why) => {
    expect(() => parseTransportAddress(text)).toThrow(why);
  });

  it('does not repeat what stands before an @', () => {
    expect(() => parseTransportAddress('tcp://app:secret@host')).toThrow('"tcp://…@host"');
  });
});

describe('parseListenAddress', () => {
  it.each(['serial:/dev/ttyS0?baud=9600', 'unix:/run/smsc.sock'])('reads %s like any address', (text) => {
    expect(parseListenAddress(text)).toEqual(parseTransportAddress(text));
  });

  it.each([
    ['127.0.0.1:0', { type: 'tcp', host: '127.0.0.1', port: 0 }],
    [':8080', { type: 'tcp', host: '0.0.0.0', port: 8080 }],
    ['[::]:8080', { type: 'tcp', host: '::', port: 8080 }],
    ['tcp://localhost:8080', { type: 'tcp', host: 'localhost', port: 8080 }],
    ['tls://0.0.0.0:9972', { type: 'tls', host: '0.0.0.0', port: 9972 }],
    ['unix:/run/smsc.sock', { type: 'unix', path: '/run/smsc.sock' }],
  ])('reads %s', (text, address) => {
    expect(parseListenAddress(text)).toEqual(address);
  });

  it.each(['', '8080', 'host', 'ws://host:1', 'host:1/x', '::1:80', '127.0.0.1:70000'])('refuses "%s"', (text) => {
    expect(() => parseListenAddress(text)).toThrow(bad);
  });
});

describe('parseWebSocketAddress', () => {
  it.each([
    ['ws://127.0.0.1:8080', { type: 'ws', host: '127.0.0.1', port: 8080, url: 'ws://127.0.0.1:8080/link' }],
    ['wss://im.example.org/link', { type: 'wss', host: 'im.example.org', port: 443, url: 'wss://im.example.org/link' }],
    ['ws://[::1]:1/other?a=b', { type: 'ws', host: '::1', port: 1, url: 'ws://[::1]:1/other?a=b' }],
  ])('reads %s', (text, address) => {
    expect(parseWebSocketAddress(text)).toEqual(address);
  });

  it.each([
    '',
    'im.example.org',
    'https://im.example.org',
    'wss://',
    'wss://u:p@host/link',
    'ws://host:0',
    'ws://host/#x',
  ])('refuses "%s"', (text) => {
    expect(() => parseWebSocketAddress(text)).toThrow(bad);
  });
});

describe('isLoopback', () => {
  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.9.9.9', '::1', '[::1]', '::ffff:127.0.0.1'])(
    'holds for %s',
    (host) => {
      expect(isLoopback(host)).toBe(true);
    },
  );

  it.each(['0.0.0.0', '10.0.0.1', '127.0.0.1.example.org', 'localhost.example.org', '128.0.0.1', '::2', ''])(
    'does not hold for "%s"',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});
