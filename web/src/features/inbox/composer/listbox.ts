import { useId, useState, type KeyboardEvent } from 'react';

/** A list of choices that is walked with the arrows while the focus stays in a field. */
export interface Listbox {
  id: string;
  active: number;
  setActive: (index: number) => void;
  optionId: (index: number) => string;
  /** Handles arrows, Home, End, Enter and Tab; says whether the key was the list's. */
  onKey: (event: KeyboardEvent) => boolean;
  /** For the field: what list it moves through, and where it is. */
  field: { 'aria-controls'?: string; 'aria-activedescendant'?: string };
}

/** The state of a listbox of so many choices. `pick` chooses one; `tab` lets Tab choose too, as in a completion. */
export function useListbox(count: number, pick: (index: number) => void, { tab = false }: { tab?: boolean } = {}): Listbox {
  const id = useId();
  const [wanted, setActive] = useState(0);
  const active = count === 0 ? -1 : Math.min(wanted, count - 1);
  const optionId = (index: number) => `${id}-${index}`;
  const onKey = (event: KeyboardEvent): boolean => {
    if (count === 0 || event.nativeEvent.isComposing || event.ctrlKey || event.metaKey || event.altKey) return false;
    switch (event.key) {
      case 'ArrowDown':
        setActive((active + 1) % count);
        break;
      case 'ArrowUp':
        setActive((active - 1 + count) % count);
        break;
      case 'Enter':
        if (event.shiftKey) return false;
        pick(active);
        break;
      case 'Tab':
        if (!tab || event.shiftKey) return false;
        pick(active);
        break;
      default:
        return false;
    }
    event.preventDefault();
    return true;
  };
  return {
    id,
    active,
    setActive,
    optionId,
    onKey,
    field: count > 0 ? { 'aria-controls': id, 'aria-activedescendant': optionId(active) } : {},
  };
}
