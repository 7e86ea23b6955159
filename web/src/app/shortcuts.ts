import { useLayoutEffect } from 'react';
import { tinykeys, type KeyBindingMap } from 'tinykeys';
import { preferences } from './preferences';

/** Keys typed into a field belong to the field. */
function inField(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest('input, textarea, select, [contenteditable]:not([contenteditable="false"]), [role="textbox"]') !== null
  );
}

/** Whether a dialog is open: shortcuts of the page under it are then asleep. */
function behindDialog(): boolean {
  return document.querySelector('[role="dialog"]') !== null;
}

/** Handlers by key, in tinykeys' notation: "$mod+k", "g c", "j". */
export type Keys = Record<string, (event: KeyboardEvent) => void>;

/**
 * Binds keys while the component is on screen. Keys without Mod are single-key shortcuts: they are ignored in fields, in
 * dialogs and when the reader has turned them off (WCAG 2.1.4). Letters and signs match what the key types, not where it
 * lies, so that Portuguese keyboards work.
 */
export function useKeys(keys: Keys): void {
  // What can be seen can be used: the keys are there as soon as the screen is.
  useLayoutEffect(() => {
    const bindings: KeyBindingMap = {};
    for (const [combination, run] of Object.entries(keys)) {
      const modified = combination.includes('$mod');
      bindings[combination] = (event) => {
        if (event.isComposing || event.defaultPrevented) return;
        if (!modified && (!preferences().singleKeys || inField(event.target) || behindDialog())) return;
        event.preventDefault();
        run(event);
      };
    }
    return tinykeys(window, bindings);
  }, [keys]);
}

/** The shortcuts as the sheet lists them; those that go to a page are in PAGES. */
export const SHEET = {
  anywhere: [
    { keys: ['Mod', 'K'], does: 'commandBar' },
    { keys: ['?'], does: 'sheet' },
    { keys: ['Shift', 'D'], does: 'theme' },
  ],
  list: [
    { keys: ['j', '↓'], does: 'next' },
    { keys: ['k', '↑'], does: 'previous' },
    { keys: ['Enter', 'o'], does: 'open' },
    { keys: ['/'], does: 'search' },
    { keys: ['i'], does: 'details' },
    { keys: ['Esc'], does: 'leave' },
  ],
} as const;

/** The name of the Mod key on this machine. */
export function modName(): string {
  return /mac|iphone|ipad/i.test(navigator.platform) ? '⌘' : 'Ctrl';
}
