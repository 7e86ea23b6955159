import { GripVertical } from 'lucide-react';
import { useLayoutEffect, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** Something that has a place in a list. */
export interface Placed {
  id: number;
  name: string;
}

function moved<T extends Placed>(items: readonly T[], id: number, to: number): T[] {
  const item = items.find((each) => each.id === id);
  const rest = items.filter((each) => each.id !== id);
  if (item) rest.splice(Math.max(0, Math.min(to, rest.length)), 0, item);
  return rest;
}

/**
 * A list that people order: each row has a handle that is dragged with a mouse or a finger, and that the arrow keys move. Where
 * a row is now is said aloud. onOrder gets all rows in their new order.
 */
export function Sortable<T extends Placed>({ label, items, onOrder, children }: { label: string; items: readonly T[]; onOrder: (items: T[]) => void; children: (item: T) => ReactNode }) {
  const { t } = useTranslation();
  const list = useRef<HTMLUListElement>(null);
  const [dragged, setDragged] = useState<{ id: number; order: T[] }>();
  const [said, setSaid] = useState('');
  // A row that changes places loses the focus, which goes back to its handle.
  const focused = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    if (focused.current === undefined) return;
    list.current?.querySelector<HTMLElement>(`[data-row="${focused.current}"] button`)?.focus();
    focused.current = undefined;
  }, [items]);
  // While a row is dragged it is only shown elsewhere: moving its element would end the drag.
  const placeOf = (item: T, place: number) => (dragged ? dragged.order.findIndex((each) => each.id === item.id) : place);

  const say = (order: readonly T[], id: number) => {
    const place = order.findIndex((each) => each.id === id);
    setSaid(t('kit.placed', { name: order[place]?.name ?? '', place: place + 1, count: order.length }));
  };
  const onKeyDown = (event: KeyboardEvent, id: number) => {
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (step === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const from = items.findIndex((each) => each.id === id);
    const to = from + step;
    if (to < 0 || to >= items.length) return;
    const order = moved(items, id, to);
    say(order, id);
    focused.current = id;
    onOrder(order);
  };
  const onPointerMove = (event: PointerEvent) => {
    if (!dragged || !list.current) return;
    const rows = [...list.current.children].filter((row) => row instanceof HTMLElement && row.dataset.row !== String(dragged.id));
    const to = rows.filter((row) => {
      const box = row.getBoundingClientRect();
      return event.clientY > box.top + box.height / 2;
    }).length;
    if (dragged.order.findIndex((each) => each.id === dragged.id) !== to) setDragged({ id: dragged.id, order: moved(dragged.order, dragged.id, to) });
  };
  const drop = () => {
    if (!dragged) return;
    setDragged(undefined);
    if (dragged.order.some((each, place) => each.id !== items[place]?.id)) {
      say(dragged.order, dragged.id);
      onOrder(dragged.order);
    }
  };
  return (
    <>
      <ul ref={list} aria-label={label} className="flex flex-col divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
        {items.map((item, place) => (
          <li key={item.id} data-row={item.id} style={{ order: placeOf(item, place) }} className={`flex items-center gap-1 pr-2 pl-1 ${dragged?.id === item.id ? 'relative z-1 bg-accent-soft' : ''}`}>
            <button
              type="button"
              aria-label={t('kit.move', { name: item.name })}
              title={t('kit.moveHint')}
              onKeyDown={(event) => onKeyDown(event, item.id)}
              onPointerDown={(event) => {
                if (event.button !== 0) return;
                event.currentTarget.setPointerCapture(event.pointerId);
                setDragged({ id: item.id, order: [...items] });
              }}
              onPointerMove={onPointerMove}
              onPointerUp={drop}
              onPointerCancel={() => setDragged(undefined)}
              className="inline-flex size-9 shrink-0 cursor-grab touch-none items-center justify-center rounded-lg text-faint outline-offset-[-2px] hover:bg-sunken hover:text-ink active:cursor-grabbing"
            >
              <GripVertical aria-hidden="true" className="size-4" />
            </button>
            <div className="min-w-0 flex-1">{children(item)}</div>
          </li>
        ))}
      </ul>
      <p aria-live="polite" className="sr-only">
        {said}
      </p>
    </>
  );
}
