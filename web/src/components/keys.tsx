import { modName } from '@/app/shortcuts';

/** A key as it is printed. "Mod" is the machine's own. */
export function Key({ name }: { name: string }) {
  return (
    <kbd className="inline-flex min-h-6 min-w-6 items-center justify-center rounded-md border border-line bg-sunken px-1.5 font-sans text-xs font-medium text-muted">
      {name === 'Mod' ? modName() : name}
    </kbd>
  );
}
