import { useSyncExternalStore } from 'react';

// Which overlay of the shell is open. Outside React, so that a screen can open it without being handed the means.
type Overlay = 'none' | 'commands' | 'shortcuts' | 'start' | 'bell';

/** The open overlay. The command bar may open at the list of one command, a new ticket with a phone. */
interface Open {
  overlay: Overlay;
  at?: string;
}

let open: Open = { overlay: 'none' };
const listeners = new Set<() => void>();

/** Opens an overlay of the shell, or closes the open one. `at` is the command whose list the bar begins with, or a new ticket's phone. */
export function setOverlay(overlay: Overlay, at?: string): void {
  open = { overlay, ...(at !== undefined && { at }) };
  for (const listener of listeners) listener();
}

/** Opens the sheet of shortcuts. */
export function openShortcutSheet(): void {
  setOverlay('shortcuts');
}

/** The overlay that is open. */
export function useOverlay(): Open {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => open,
  );
}
