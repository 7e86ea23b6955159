import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

/** Which rows are selected. Rows that have left the list are selected no longer. */
export function useSelection(shown: readonly number[]) {
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
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
  }, []);
  const selected = useMemo(() => {
    const here = new Set(shown);
    return new Set([...chosen].filter((id) => here.has(id)));
  }, [chosen, shown]);
  return {
    selected,
    select,
    selectAll: useCallback(() => setChosen(new Set(place.current)), []),
    clear: useCallback(() => {
      last.current = undefined;
      setChosen(new Set());
    }, []),
  };
}
