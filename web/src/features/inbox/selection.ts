import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

const NOTHING: ReadonlySet<number> = new Set();

/** Which rows of a list are selected. Rows that have left it are selected no longer, and another list begins without any. */
export function useSelection(list: string, shown: readonly number[]) {
  const [{ of, ids: kept }, setKept] = useState({ of: list, ids: NOTHING });
  const chosen = of === list ? kept : NOTHING;
  const setChosen = useCallback(
    (next: (old: ReadonlySet<number>) => ReadonlySet<number>) => setKept((old) => ({ of: list, ids: next(old.of === list ? old.ids : NOTHING) })),
    [list],
  );
  const last = useRef<number | undefined>(undefined);
  const place = useRef(shown);
  useEffect(() => {
    place.current = shown;
  });
  const select = useCallback((id: number, range: boolean) => {
    const ids = place.current;
    const from = range && last.current !== undefined ? ids.indexOf(last.current) : -1;
    const to = ids.indexOf(id);
    last.current = id;
    setChosen((old) => {
      const next = new Set(old);
      if (from !== -1 && to !== -1) for (const each of ids.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(each);
      else if (!next.delete(id)) next.add(id);
      return next;
    });
  }, [setChosen]);
  const selected = useMemo(() => {
    const here = new Set(shown);
    return new Set([...chosen].filter((id) => here.has(id)));
  }, [chosen, shown]);
  return {
    selected,
    select,
    selectAll: useCallback(() => setChosen(() => new Set(place.current)), [setChosen]),
    /** Takes some out of the selection. */
    drop: useCallback((ids: readonly number[]) => setChosen((old) => new Set([...old].filter((id) => !ids.includes(id)))), [setChosen]),
    clear: useCallback(() => {
      last.current = undefined;
      setChosen(() => NOTHING);
    }, [setChosen]),
  };
}
