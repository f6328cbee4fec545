/** A certificate that vouches for itself, made anew for one test: no key lies in the tree. */
import { generateKeyPairSync, sign } from 'node:crypto';

export interface CertificateWishes {
  /** Besides 127.0.0.1 for the default, `localhost`. */
  readonly name?: string;
  /** In days from now. Default: from yesterday to the day after tomorrow. */
  readonly valid?: { readonly from: number; readonly until: number };
}

export function makeCertificate({ name: host = 'localhost', valid = { from: -1, until: 2 } }: CertificateWishes = {}): {
  readonly cert: string;
  readonly key: string;
} {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const ecdsaWithSha256 = der(0x30, der(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
  const commonName = der(0x30, der(0x06, Buffer.from('550403', 'hex')), der(0x0c, Buffer.from(host)));
  const name = der(0x30, der(0x31, commonName));
  const address = host === 'localhost' ? [der(0x87, Buffer.from([127, 0, 0, 1]))] : [];
  const alternatives = der(0x30, der(0x82, Buffer.from(host)), ...address);
  const subjectAltName = der(0x30, der(0x06, Buffer.from('551d11', 'hex')), der(0x04, alternatives));
  const toBeSigned = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    der(0x30, time(valid.from), time(valid.until)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, subjectAltName)),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', toBeSigned, privateKey));
  const cert = der(0x30, toBeSigned, ecdsaWithSha256, signature).toString('base64');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${cert.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 0x80 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function time(daysFromNow: number): Buffer {
  const digits = new Date(Date.now() + daysFromNow * 86_400_000).toISOString().replaceAll(/\.\d+|[-:T]/g, '');
  return der(0x17, Buffer.from(digits.slice(2)));
}
