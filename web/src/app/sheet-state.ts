import { useSyncExternalStore } from 'react';

// Which overlay of the shell is open. Outside React, so that a screen can open it without being handed the means.
type Overlay = 'none' | 'commands' | 'shortcuts';

let open: Overlay = 'none';
const listeners = new Set<() => void>();

/** Opens an overlay of the shell, or closes the open one. */
export function setOverlay(next: Overlay): void {
  open = next;
  for (const listener of listeners) listener();
}

/** Opens the sheet of shortcuts. */
export function openShortcutSheet(): void {
  setOverlay('shortcuts');
}

/** The overlay that is open. */
export function useOverlay(): Overlay {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => open,
  );
}
