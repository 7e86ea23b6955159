import type { Virtualizer } from '@tanstack/react-virtual';
import { Mail, SquareCheck } from 'lucide-react';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommands } from '@/app/commands';
import { useKeys } from '@/app/shortcuts';
import type { HeldRow } from './held-rows';

/** What keys do with a row. */
interface ListKeys {
  rows: readonly HeldRow[];
  current: number | undefined;
  /** The box that scrolls. */
  box: () => HTMLDivElement | null;
  virtual: Virtualizer<HTMLDivElement, Element>;
  /** Somebody walks the list. */
  onWalk: () => void;
  onSelect: (id: number) => void;
  onUnread: (id: number) => void;
  onSearch: () => void;
}

/** The conversation of the row that has the focus, by its number. */
function focused(): number {
  return Number(document.activeElement?.closest('[data-conversation]')?.getAttribute('data-conversation') ?? NaN);
}

/** The keys of the list: j and k walk it, o opens, x selects, u marks, / searches. */
export function useListKeys({ rows, current, box, virtual, onWalk, onSelect, onUnread, onSearch }: ListKeys): void {
  const { t } = useTranslation();
  // The row that is to have the focus and is not drawn yet.
  const wanted = useRef<number | undefined>(undefined);
  const focusDrawn = useCallback(
    (number: number) => {
      const drawn = box()?.querySelector<HTMLElement>(`[data-conversation="${number}"]`);
      drawn?.focus();
      return Boolean(drawn);
    },
    [box],
  );
  // A row has the focus before the next key arrives, however fast somebody types or slow the machine is: "j" and Enter at
  // once opens the next conversation.
  const focusRow = useCallback(
    (step: 1 | -1) => {
      const here = wanted.current ?? (Number.isNaN(focused()) ? current : focused());
      const walked = rows.filter((row) => row.conversation);
      const from = walked.findIndex((row) => row.conversation?.number === here);
      const row = walked[from === -1 ? 0 : Math.min(walked.length - 1, Math.max(0, from + step))];
      const number = row?.conversation?.number;
      if (!row || number === undefined) return;
      onWalk();
      virtual.scrollToIndex(rows.indexOf(row), { align: 'auto' });
      wanted.current = focusDrawn(number) ? undefined : number;
    },
    [rows, current, virtual, focusDrawn, onWalk],
  );
  useLayoutEffect(() => {
    const number = wanted.current;
    if (number === undefined) return;
    if (focusDrawn(number) || !rows.some((row) => row.conversation?.number === number)) wanted.current = undefined;
  });
  const withRow = useCallback(
    (act: (id: number) => void) => () => {
      const number = Number.isNaN(focused()) ? current : focused();
      const id = rows.find((row) => row.conversation?.number === number)?.id;
      if (id !== undefined) act(id);
    },
    [rows, current],
  );
  useKeys(
    useMemo(
      () => ({
        j: () => focusRow(1),
        k: () => focusRow(-1),
        o: () => document.activeElement?.closest<HTMLElement>('[data-conversation]')?.click(),
        '/': onSearch,
      }),
      [focusRow, onSearch],
    ),
  );
  useCommands(
    useMemo(
      () => ({
        heading: t('inbox.list'),
        commands: [
          { id: 'row-select', words: t('list.selectRow'), icon: SquareCheck, keys: 'x', run: withRow(onSelect) },
          { id: 'row-unread', words: t('list.toggleUnread'), icon: Mail, keys: 'u', hint: t('list.forAll'), run: withRow(onUnread) },
        ],
      }),
      [t, withRow, onSelect, onUnread],
    ),
  );
  // Arrows move between rows only inside the list: elsewhere they scroll.
  useEffect(() => {
    const list = box();
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
      event.preventDefault();
      focusRow(event.key === 'ArrowDown' ? 1 : -1);
    };
    list?.addEventListener('keydown', onKey);
    return () => list?.removeEventListener('keydown', onKey);
  }, [box, focusRow]);
}
