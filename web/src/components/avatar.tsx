const HUES = [214, 26, 155, 300, 62, 250, 340, 110];

function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const first = words[0]?.[0] ?? '';
  const last = words.length > 1 ? (words.at(-1)?.[0] ?? '') : '';
  return (first + last).toUpperCase();
}

/** A contact's initials on a colour of their own. Decorative: the name stands beside it. */
export function Avatar({ name, seed, className }: { name: string; seed: number; className?: string }) {
  const hue = HUES[Math.abs(seed) % HUES.length] ?? 214;
  return (
    <span
      aria-hidden="true"
      style={{ '--hue': hue } as React.CSSProperties}
      className={`inline-flex size-10 shrink-0 items-center justify-center rounded-full bg-[oklch(0.9_0.045_var(--hue))] text-sm font-semibold text-[oklch(0.36_0.09_var(--hue))] select-none dark-avatar ${className ?? ''}`}
    >
      {initials(name) || '·'}
    </span>
  );
}
