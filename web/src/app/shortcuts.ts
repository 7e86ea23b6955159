import { useEffect, useLayoutEffect } from 'react';
import { preferences } from './preferences';

/** Keys typed into a field belong to the field. */
export function inField(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest('input, textarea, select, [contenteditable]:not([contenteditable="false"]), [role="textbox"]') !== null
  );
}

/** Whether something is open that has the keys for itself: shortcuts of the page under it are then asleep. */
function behindPopup(): boolean {
  // A notice that comes and goes calls itself a dialog that is not modal: it takes no keys.
  return document.querySelector('[role="dialog"]:not([aria-modal="false"]), [role="alertdialog"]:not([aria-modal="false"]), [role="menu"], [role="listbox"]') !== null;
}

/**
 * Handlers by key: "$mod+k", "g c" (one after the other), "j", "Shift+D", "?". Letters and signs match what the key types,
 * never where it lies.
 */
export type Keys = Record<string, (event: KeyboardEvent) => void>;

const APPLE = /mac|iphone|ipad/i.test(navigator.platform);
/** How long the first key of two waits for the second. */
const SEQUENCE_MS = 1000;

const bound = new Set<Keys>();
let first: { key: string; at: number } | undefined;

/** What was pressed, written as the keys of a binding are. Empty for what nothing can be bound to. */
function pressed(event: KeyboardEvent): string {
  const key = event.key;
  // A sign that takes AltGr, Option or Shift on this keyboard ("/" and "?" on some Brazilian ones) is that sign.
  const altGr = event.getModifierState?.('AltGraph') ?? false;
  const control = event.ctrlKey && !altGr;
  const alt = event.altKey && !altGr;
  const mod = APPLE ? event.metaKey : control;
  if (APPLE ? control : event.metaKey) return '';
  const before = mod ? '$mod+' : '';
  if (key.length === 1 && !/[\p{L}\p{N}\s]/u.test(key)) return before + key;
  if (alt || altGr) return '';
  const shift = event.shiftKey ? 'Shift+' : '';
  if (key.length === 1) return `${before}${shift}${event.shiftKey ? key.toUpperCase() : key.toLowerCase()}`;
  return before + shift + key;
}

function run(combination: string, event: KeyboardEvent): boolean {
  for (const keys of bound) {
    const handler = keys[combination];
    if (!handler) continue;
    event.preventDefault();
    handler(event);
    return true;
  }
  return false;
}

function onKey(event: KeyboardEvent): void {
  if (event.isComposing || event.defaultPrevented || event.key === 'Shift') return;
  const key = pressed(event);
  if (key === '') return;
  if (!key.startsWith('$mod+') && (!preferences().singleKeys || inField(event.target) || behindPopup())) {
    first = undefined;
    return;
  }
  const before = first && performance.now() - first.at < SEQUENCE_MS ? first.key : undefined;
  first = undefined;
  // "g e" goes to a page: its "e" is not the key of the conversation.
  if (before !== undefined && run(`${before} ${key}`, event)) return;
  if (run(key, event)) return;
  if ([...bound].some((keys) => Object.keys(keys).some((each) => each.startsWith(`${key} `)))) first = { key, at: performance.now() };
}

/**
 * Binds keys while the component is on screen. Keys without Mod are single-key shortcuts: they are ignored in fields, in
 * dialogs, menus and lists, and when the reader has turned them off (WCAG 2.1.4).
 */
export function useKeys(keys: Keys): void {
  // What can be seen can be used: the keys are there as soon as the screen is.
  useLayoutEffect(() => {
    if (bound.size === 0) addEventListener('keydown', onKey);
    bound.add(keys);
    return () => {
      bound.delete(keys);
      if (bound.size === 0) removeEventListener('keydown', onKey);
    };
  }, [keys]);
}

/**
 * Escape leaves something that lies over the page's own Escape, a selection for example. Fields of text and popups keep theirs.
 */
export function useEscape(on: boolean, leave: () => void): void {
  useEffect(() => {
    if (!on) return;
    const onEscape = (event: KeyboardEvent) => {
      const boxed = event.target instanceof HTMLInputElement && event.target.type === 'checkbox';
      if (event.key !== 'Escape' || event.isComposing || (inField(event.target) && !boxed) || behindPopup()) return;
      event.preventDefault();
      leave();
    };
    addEventListener('keydown', onEscape, true);
    return () => removeEventListener('keydown', onEscape, true);
  }, [on, leave]);
}

/** The shortcuts as the sheet lists them; those that go to a page are in PAGES, those of commands with the commands. */
export const SHEET = {
  anywhere: [
    { keys: ['Mod', 'K'], does: 'commandBar' },
    { keys: ['Mod', 'Z'], does: 'undo' },
    { keys: ['?'], does: 'sheet' },
    { keys: ['Shift', 'D'], does: 'theme' },
  ],
  list: [
    { keys: ['j', '↓'], does: 'next' },
    { keys: ['k', '↑'], does: 'previous' },
    { keys: ['Enter', 'o'], does: 'open' },
    { keys: ['/'], does: 'search' },
    { keys: ['Esc'], does: 'leave' },
  ],
  bar: [
    { keys: ['>'], does: 'onlyCommands' },
    { keys: ['#'], does: 'onlyTickets' },
    { keys: ['@'], does: 'onlyPeople' },
  ],
} as const;

/** Whether the Mod key of this machine is down. */
export function modPressed(event: KeyboardEvent): boolean {
  return APPLE ? event.metaKey : event.ctrlKey;
}

/** The name of the Mod key on this machine. */
export function modName(): string {
  return APPLE ? '⌘' : 'Ctrl';
}

/** A binding as its keys are printed: "$mod+Enter" is Mod and Enter. */
export function printed(binding: string): string[] {
  return binding.replace('$mod', 'Mod').split(/[+ ](?=.)/);
}

/** A binding as `aria-keyshortcuts` has it. */
export function ariaKeys(binding: string): string {
  return binding.replace('$mod', APPLE ? 'Meta' : 'Control');
}
