/**
 * Certificates and keys that an operator names by file: read and looked at before a role starts, so that a wrong file is
 * told by its flag and not as a failure inside TLS.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { OperatorError } from '../core/base/errors.ts';

/**
 * @returns both as PEM
 * @throws OperatorError CONFIG_MISSING where one of them is left out, CONFIG_UNREADABLE, CONFIG_BAD_VALUE
 */
export async function readServerTls(
  certFile: string | undefined,
  keyFile: string | undefined,
): Promise<{ readonly cert: string; readonly key: string } | undefined> {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) {
    throw new OperatorError({
      code: 'CONFIG_MISSING',
      message: `${certFile === undefined ? '--tls-cert' : '--tls-key'} is missing.`,
      hint: 'TLS needs both: --tls-cert and --tls-key.',
    });
  }
  const cert = await readPem(certFile, '--tls-cert');
  const key = await readPem(keyFile, '--tls-key');
  const certificate = parseCertificates(cert, `${certFile} (--tls-cert)`);
  if (!certificate.checkPrivateKey(parseKey(key, `${keyFile} (--tls-key)`))) {
    throw new OperatorError({
      code: 'CONFIG_BAD_VALUE',
      message: `The key in ${keyFile} (--tls-key) is not that of the certificate in ${certFile} (--tls-cert).`,
      hint: 'Give the pair that was made together; the server’s own certificate comes first in its file.',
    });
  }
  return { cert, key };
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

async function readPem(file: string, flag: string): Promise<string> {
  try {
    return await readFile(file, 'latin1');
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new OperatorError({
      code: 'CONFIG_UNREADABLE',
      message: `${file} (${flag}) cannot be read (${reason}).`,
      hint: 'Check the path and the rights of the user that runs ringbridge.',
      cause,
    });
  }
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
