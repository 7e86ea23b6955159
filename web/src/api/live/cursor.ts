/** A place in the outbox, written "transaction.number" by the server. */
export type Cursor = string;

/** Compares two places: negative when a comes before b. Both parts may pass what a number holds exactly. */
export function compareCursors(a: Cursor, b: Cursor): number {
  const [ax = '0', an = '0'] = a.split('.');
  const [bx = '0', bn = '0'] = b.split('.');
  const byTransaction = BigInt(ax) - BigInt(bx);
  const order = byTransaction === 0n ? BigInt(an) - BigInt(bn) : byTransaction;
  return order < 0n ? -1 : order > 0n ? 1 : 0;
}
