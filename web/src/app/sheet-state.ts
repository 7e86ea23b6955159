import { useSyncExternalStore } from 'react';

// Which overlay of the shell is open. Outside React, so that a screen can open it without being handed the means.
type Overlay = 'none' | 'commands' | 'shortcuts';

/** The open overlay. The command bar may open at the list of one command. */
interface Open {
  overlay: Overlay;
  command?: string;
}

let open: Open = { overlay: 'none' };
const listeners = new Set<() => void>();

/** Opens an overlay of the shell, or closes the open one. `command` is the one whose list the command bar begins with. */
export function setOverlay(overlay: Overlay, command?: string): void {
  open = { overlay, ...(command !== undefined && { command }) };
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
