/**
 * Certificates and keys that an operator names by file: read and looked at before a role starts, so that a wrong file is
 * told by its flag and not as a failure inside TLS.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { toLatin1 } from '../core/base/bytes.ts';
import { OperatorError } from '../core/base/errors.ts';
import { readGivenFile } from './given-file.ts';

/** Bundles of authorities are the largest. */
const pemLimitBytes = 1_048_576;

export interface CertificateAndKey {
  readonly cert: string;
  readonly key: string;
}

/** What a server shows: `--tls-cert` and `--tls-key`. @throws as {@link readCertificateAndKey} */
export function readServerTls(
  certFile: string | undefined,
  keyFile: string | undefined,
): Promise<CertificateAndKey | undefined> {
  return readCertificateAndKey({ file: certFile, flag: '--tls-cert' }, { file: keyFile, flag: '--tls-key' });
}

/**
 * What a server for machines shows and demands, from `--tls-cert`, `--tls-key` and `--client-ca`.
 *
 * @returns undefined where the address has no TLS
 * @throws OperatorError CONFIG_MISSING for tls:// without a certificate, CONFIG_BAD_VALUE for one elsewhere, and as
 *   {@link readCertificateAndKey}
 */
export async function readListenerTls(
  address: { readonly type: string },
  flags: {
    readonly 'tls-cert': string | undefined;
    readonly 'tls-key': string | undefined;
    readonly 'client-ca': string | undefined;
  },
): Promise<(CertificateAndKey & { readonly ca?: string; readonly clients: 'anybody' | 'required' }) | undefined> {
  const { 'tls-cert': certFile, 'tls-key': keyFile, 'client-ca': caFile } = flags;
  if (address.type !== 'tls') {
    if (certFile === undefined && keyFile === undefined && caFile === undefined) return undefined;
    throw new OperatorError({
      code: 'CONFIG_BAD_VALUE',
      message: 'There is a certificate or an authority, but --listen does not speak TLS.',
      hint: 'Write --listen tls://HOST:PORT, or leave out --tls-cert, --tls-key and --client-ca.',
    });
  }
  const shown = await readServerTls(certFile, keyFile);
  if (shown === undefined) {
    throw new OperatorError({
      code: 'CONFIG_MISSING',
      message: 'tls:// needs a certificate to show: --tls-cert is missing.',
      hint: 'Give --tls-cert and --tls-key.',
    });
  }
  if (caFile === undefined) return { ...shown, clients: 'anybody' };
  return { ...shown, ca: await readTrustedCertificates(caFile, '--client-ca'), clients: 'required' };
}

interface NamedFile {
  readonly file: string | undefined;
  /** Without which nobody would know which file is meant. */
  readonly flag: string;
}

/**
 * @returns both as PEM; undefined where neither is given
 * @throws OperatorError CONFIG_MISSING where one of them is left out, CONFIG_UNREADABLE, CONFIG_BAD_VALUE
 */
export async function readCertificateAndKey(
  certificate: NamedFile,
  privateKey: NamedFile,
): Promise<CertificateAndKey | undefined> {
  if (certificate.file === undefined && privateKey.file === undefined) return undefined;
  if (certificate.file === undefined || privateKey.file === undefined) {
    throw new OperatorError({
      code: 'CONFIG_MISSING',
      message: `${certificate.file === undefined ? certificate.flag : privateKey.flag} is missing.`,
      hint: `TLS needs both: ${certificate.flag} and ${privateKey.flag}.`,
    });
  }
  const cert = await readPem(certificate.file, certificate.flag);
  const key = await readPem(privateKey.file, privateKey.flag);
  const [certShown, keyShown] = [
    `${certificate.file} (${certificate.flag})`,
    `${privateKey.file} (${privateKey.flag})`,
  ];
  if (!parseCertificates(cert, certShown).checkPrivateKey(parseKey(key, keyShown))) {
    throw new OperatorError({
      code: 'CONFIG_BAD_VALUE',
      message: `The key in ${keyShown} is not that of the certificate in ${certShown}.`,
      hint: 'Give the pair that was made together; its own certificate comes first in its file.',
    });
  }
  return { cert, key };
}

/**
 * What a client of an SMSC brings to `tls://`.
 *
 * @param flags by name of the setting, as given
 * @throws as {@link readCertificateAndKey}
 */
export async function readClientTls(flags: {
  readonly ca: NamedFile;
  readonly cert: NamedFile;
  readonly key: NamedFile;
}): Promise<{ readonly ca?: string; readonly cert?: string; readonly key?: string }> {
  const { file, flag } = flags.ca;
  const ca = file === undefined ? {} : { ca: await readTrustedCertificates(file, flag) };
  return { ...ca, ...(await readCertificateAndKey(flags.cert, flags.key)) };
}

/**
 * @returns the certificates as PEM
 * @throws OperatorError CONFIG_UNREADABLE, CONFIG_BAD_VALUE where there is none in it
 */
export async function readTrustedCertificates(file: string, flag: string): Promise<string> {
  const pem = await readPem(file, flag);
  parseCertificates(pem, `${file} (${flag})`);
  return pem;
}

async function readPem(path: string, flag: string): Promise<string> {
  return toLatin1(await readGivenFile({ path, name: `${path} (${flag})`, limitBytes: pemLimitBytes }));
}

/** The first of them; all are looked at. */
function parseCertificates(pem: string, where: string): X509Certificate {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    const [first] = blocks.map((block) => new X509Certificate(block));
    if (first !== undefined) return first;
  } catch (cause) {
    throw noPem(where, 'certificate', 'BEGIN CERTIFICATE', cause);
  }
  throw noPem(where, 'certificate', 'BEGIN CERTIFICATE', undefined);
}

function parseKey(pem: string, where: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw noPem(where, 'private key without a passphrase', 'BEGIN PRIVATE KEY', cause);
  }
}

function noPem(where: string, what: string, beginning: string, cause: unknown): OperatorError {
  return new OperatorError({
    code: 'CONFIG_BAD_VALUE',
    message: `${where} does not hold a ${what}.`,
    hint: `A file in PEM form is wanted: it has a line "-----${beginning}-----".`,
    cause,
  });
}
