import { describe, expect, it } from 'vitest';
import { documentOf, runCommand } from '../run-command.ts';
import { runHere } from '../run-here.ts';

function encode(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return runHere(['cimd2', 'encode', ...args], { env });
}

describe('cimd2 encode', () => {
  it('makes a submit and says how long its text is', async () => {
    expect(await encode(['submit', '--to', '+358401234567', '--text', 'Hello', '--output', 'escaped'])).toEqual({
      stdout: '<STX>03:003<TAB>021:+358401234567<TAB>033:Hello<TAB>79<ETX>\n',
      stderr: 'gsm7, 5 of 160 septets, 1 part, 155 left\n',
      status: 0,
    });
  });

  it('makes a packet of each part, numbered on, with what forced UCS-2 named (sections 4.1 and 7.8)', async () => {
    const text = `${'a'.repeat(70)}ł`;
    const { stdout, stderr } = await encode([
      'submit',
      '--to',
      '1',
      '--number',
      '255',
      '--text',
      text,
      '--output',
      'escaped',
    ]);
    const lines = stdout.trim().split('\n');
    expect(lines[0]).toMatch(/^<STX>03:255<TAB>021:1<TAB>030:8<TAB>032:050003000201<TAB>034:[0-9A-F]{268}<TAB>044:1</);
    expect(lines[1]).toMatch(
      /^<STX>03:001<TAB>021:1<TAB>030:8<TAB>032:050003000202<TAB>034:0061006100610142<TAB>..<ETX>$/,
    );
    expect(stderr).toBe('ucs2, 71 units of UCS-2, 2 parts of at most 67, 63 left; not in the GSM alphabet: "ł"\n');
  });

  it('refuses what the tables do not allow, and writes it with --force', async () => {
    const args = ['submit', '--to', '1', '--param', '033=x', '--param', '067=0'];
    const refused = await encode(args);
    expect(refused).toMatchObject({ stdout: '', status: 2 });
    expect(refused.stderr).toMatch(/067 \(priority\): outside 1 to 9\. See section 3\.2.*CIMD2_VALUE_OUT_OF_RANGE/);
    const forced = await encode([...args, '--force', '--checksum', '00', '--output', 'escaped']);
    expect(forced.stdout).toBe('<STX>03:003<TAB>021:1<TAB>033:x<TAB>067:0<TAB>00<ETX>\n');
    expect(forced.stderr).toMatch(/checksum 00, expected [0-9A-F]{2}\.[\s\S]*067/);
    expect(forced.status).toBe(0);
  });

  it('takes a password from the environment, never from a flag, and stars it in --json', async () => {
    const env = { RINGBRIDGE_SMSC_PASSWORD: 'SeCrEt' };
    const login = await encode(['login', '--user', 'MyUserId'], env);
    expect(login.stdout).toBe('0230313A303031093031303A4D79557365724964093031313A53654372457409313803\n');
    const json = await encode(['login', '--user', 'MyUserId', '--json'], env);
    expect(json.stdout).not.toContain('SeCrEt');
    expect(documentOf(json)).toMatchObject({ checksum: { found: '18' }, parameters: [{}, { value: '********' }] });
    expect((await encode(['login', '--param', '011=SeCrEt'])).stderr).toMatch(/--password-file/);
  });

  it('reads documents written by hand, over several lines', async () => {
    const stdin = '{\n "operation": "alive",\n "packetNumber": 3\n}\n{"schema":"cimd2.noise/1"}\n';
    const made = await runCommand(['cimd2', 'encode', '-', '--no-checksum'], { stdin });
    expect(made.stdout).toBe('0234303A3030330903\n');
    expect(made.stderr).toMatch(/1 document is no packet and was passed over/);
    const broken = await runCommand(['cimd2', 'encode', '-'], { stdin: '{"operation":40,"packetNumber":3}\n{"x"\n' });
    expect(broken).toMatchObject({ status: 2, stdout: '0234303A30303309334303\n' });
    expect(broken.stderr).toMatch(/Line 2 .*INPUT_UNREADABLE/);
  });
});
