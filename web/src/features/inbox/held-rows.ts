import { useCallback, useEffect, useState } from 'react';
import { sortKey, type Order } from '@/api/live/merge';
import type { Conversation } from '@/api/types';

/** How long after the last key the rows stand still. */
const KEYED_MS = 5000;

/** A place in the list as it is shown: a conversation, or the place of one that has left while the rows stood still. */
export interface HeldRow {
  id: number;
  conversation: Conversation | undefined;
}

/** The rows as they stood when somebody reached for them. */
interface Snapshot {
  list: string;
  ids: number[];
  keys: Map<number, string>;
}

function snapshotOf(list: string, order: Order, rows: readonly Conversation[]): Snapshot {
  return { list, ids: rows.map((row) => row.id), keys: new Map(rows.map((row) => [row.id, sortKey(order, row)])) };
}

/**
 * The rows in the order of a snapshot, with what is known of each now. What comes after them is added below: nothing moves by
 * that. What came among them, and what moved, waits. Without a snapshot all rows are as they are.
 */
export function hold(snapshot: Pick<Snapshot, 'ids' | 'keys'> | undefined, order: Order, rows: readonly Conversation[]): { shown: HeldRow[]; waiting: number } {
  if (!snapshot) return { shown: rows.map((conversation) => ({ id: conversation.id, conversation })), waiting: 0 };
  const now = new Map(rows.map((row) => [row.id, row]));
  const known = new Set(snapshot.ids);
  const shown = snapshot.ids.map((id) => ({ id, conversation: now.get(id) }));
  // The places of those that stay, then and now: whoever has another place because of a change of its own has moved.
  const then = snapshot.ids.filter((id) => now.has(id));
  const since = rows.filter((row) => known.has(row.id));
  const moved = since.filter((row, place) => then[place] !== row.id && snapshot.keys.get(row.id) !== sortKey(order, row));
  const last = rows.findLastIndex((row) => known.has(row.id) && snapshot.keys.get(row.id) === sortKey(order, row));
  let waiting = moved.length;
  for (const [place, row] of rows.entries()) {
    if (known.has(row.id)) continue;
    if (place > last && last !== -1) shown.push({ id: row.id, conversation: row });
    else waiting += 1;
  }
  return { shown, waiting };
}

/** Holds the rows of a list still while a pointer is over it or keys walk it; `show` lets what waits come in. */
export function useHeldRows(list: string, order: Order, rows: readonly Conversation[]) {
  const [pointed, setPointed] = useState(false);
  const [keyed, setKeyed] = useState(0);
  const [snapshot, setSnapshot] = useState<Snapshot | undefined>();
  const held = (pointed || keyed > 0) && rows.length > 0;
  if (held && snapshot?.list !== list) setSnapshot(snapshotOf(list, order, rows));
  if (!held && snapshot) setSnapshot(undefined);

  useEffect(() => {
    if (keyed === 0) return;
    const timer = setTimeout(() => setKeyed(0), KEYED_MS);
    return () => clearTimeout(timer);
  }, [keyed]);

  const handlers = {
    // A finger does not hover: what it touches is what it sees.
    onPointerEnter: useCallback((event: React.PointerEvent) => setPointed(event.pointerType !== 'touch'), []),
    onPointerLeave: useCallback(() => setPointed(false), []),
    onKeyDown: useCallback(() => setKeyed((count) => count + 1), []),
  };
  return {
    ...hold(snapshot?.list === list ? snapshot : undefined, order, rows),
    handlers,
    /** Somebody walks the list by keys. */
    walk: useCallback(() => setKeyed((count) => count + 1), []),
    show: () => setSnapshot(held ? snapshotOf(list, order, rows) : undefined),
  };
}
