/** What went wrong with a socket, in the words of a person. For reading only: nothing is decided by these texts. */

const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'address in use',
  EADDRNOTAVAIL: 'not an address of this machine',
  EAI_AGAIN: 'name resolution failed for now',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOENT: 'no such path',
  ENOTFOUND: 'no such host name',
  ENOSPC: 'no space left on the disk',
  EPERM: 'not permitted',
  EPIPE: 'connection lost while writing',
  EROFS: 'read-only file system',
  ETIMEDOUT: 'timed out',
};

/** Certificates and their like: what is wrong, and what who reads it can do. */
const tlsWords: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired; whoever runs it must renew it, or the clock of this machine is wrong',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; compare the clocks of both machines',
  CERT_REVOKED: 'its certificate was revoked; ask whoever runs it for a new one',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its certificate vouches for itself; if it is the right one, give it with --smsc-ca or --tls-ca',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE:
    'it does not take the certificate of this end; ask whoever runs it which one it knows',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE:
    'it refused TLS with this end; perhaps it wants a certificate (--smsc-cert or --tls-cert)',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    'it wants a certificate of this end; give one with --smsc-cert or --tls-cert, and its key',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'it does not know the authority of the certificate of this end',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there; perhaps the address is tcp://, or the port another',
  SELF_SIGNED_CERT_IN_CHAIN:
    'the authority of its certificate is not trusted here; give that authority with --smsc-ca or --tls-ca',
  UNABLE_TO_GET_ISSUER_CERT: 'the authority of its certificate is unknown here; give it with --smsc-ca or --tls-ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'the authority of its certificate is unknown here; give it with --smsc-ca or --tls-ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the authority of its certificate is unknown here; give it with --smsc-ca or --tls-ca',
};

export function describeSocketError(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `${describeWrongName(error)} (${code})`;
  const text = error.message === '' ? error.name : error.message;
  const word = words[code] ?? tlsWords[code];
  if (word !== undefined) return `${word} (${code})`;
  return code === '' || text.includes(code) ? text : `${text} (${code})`;
}

function describeWrongName(error: Error): string {
  const host = 'host' in error && typeof error.host === 'string' ? error.host : 'this address';
  const cert: unknown = 'cert' in error ? error.cert : undefined;
  const names: unknown = typeof cert === 'object' && cert !== null ? Reflect.get(cert, 'subjectaltname') : undefined;
  const held = typeof names === 'string' && names !== '' ? `for ${names.slice(0, 200)}` : 'for other names';
  return `its certificate is ${held} and not for ${host}; connect by a name that it holds`;
}
