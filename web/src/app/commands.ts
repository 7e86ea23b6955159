import type { LucideIcon } from 'lucide-react';
import { useLayoutEffect, useMemo, useSyncExternalStore } from 'react';
import { setOverlay } from './sheet-state';
import { useKeys } from './shortcuts';

/** One entry of a command's second list. */
export interface Choice {
  id: string;
  words: string;
  /** What tells it from others of the same name. */
  hint?: string;
  /** A dot's colour, where people gave one (queues, labels). */
  color?: string;
  run: () => unknown;
}

/** One thing that can be done on the screen: the command bar, the sheet of shortcuts and the buttons are made of it. */
export interface Command {
  id: string;
  words: string;
  icon: LucideIcon;
  /** Its key, as useKeys has it. */
  keys?: string;
  /** Whom it affects: "fecha para todos". */
  hint?: string;
  /** Other words it is found by. */
  also?: string;
  /** What it does. A command with choices opens their list instead. */
  run?: () => unknown;
  choices?: () => Promise<readonly Choice[]>;
}

/** Commands that belong together, under a name. */
export interface CommandSet {
  heading: string;
  commands: readonly Command[];
  /** The set of what is open on the screen: it comes before the others. */
  first?: boolean;
}

// Outside React, so that the bar of the shell lists what the screen under it can do.
let sets: readonly CommandSet[] = [];
const listeners = new Set<() => void>();

/** Sets of one name are one. */
function merged(all: readonly CommandSet[]): readonly CommandSet[] {
  const byName = new Map<string, Command[]>();
  for (const { heading, commands } of [...all].sort((a, b) => Number(b.first ?? false) - Number(a.first ?? false))) byName.set(heading, [...(byName.get(heading) ?? []), ...commands]);
  return [...byName].map(([heading, commands]) => ({ heading, commands })).filter(({ commands }) => commands.length > 0);
}

let shown: readonly CommandSet[] = [];

function become(next: readonly CommandSet[]): void {
  sets = next;
  shown = merged(sets);
  for (const listener of listeners) listener();
}

/** Does what a command does, or opens its list in the command bar. */
export function runCommand(command: Command): void {
  if (command.choices) setOverlay('commands', command.id);
  else void command.run?.();
}

/** Offers commands while the component is on screen: in the command bar, in the sheet of shortcuts, and by their keys. */
export function useCommands(set: CommandSet): void {
  useLayoutEffect(() => {
    become([...sets, set]);
    return () => become(sets.filter((each) => each !== set));
  }, [set]);
  useKeys(
    useMemo(() => Object.fromEntries(set.commands.flatMap((command) => (command.keys === undefined ? [] : [[command.keys, () => runCommand(command)]]))), [set]),
  );
}

/** The commands of what is on screen. */
export function useCommandSets(): readonly CommandSet[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
}
