/** Whether a request of a browser comes from our own page. Programs send no origin and are let through. */

export function isSameOrigin({
  origin,
  host,
}: {
  readonly origin: string | undefined;
  readonly host: string | undefined;
}): boolean {
  if (origin === undefined) return true;
  // `null` is what sandboxed frames and files say.
  if (host === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === host.toLowerCase();
}
