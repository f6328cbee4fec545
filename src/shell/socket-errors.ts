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

export function describeSocketError(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const text = error.message === '' ? error.name : error.message;
  const word = words[code];
  if (word !== undefined) return `${word} (${code})`;
  return code === '' || text.includes(code) ? text : `${text} (${code})`;
}
