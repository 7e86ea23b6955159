import type { ReactNode } from 'react';

/** One choice of a group. Tone bad marks the one that asks for action. */
export interface Chip<T> {
  value: T;
  words: string;
  tone?: 'bad';
}

/** Filters of which one is on, as pills in a row. For a choice that changes how a thing looks, use Segments. */
export function Chips<T extends string | undefined>({
  label,
  value,
  chips,
  onChange,
  size = 'medium',
}: {
  label: string;
  value: T;
  chips: readonly Chip<T>[];
  onChange: (value: T) => void;
  size?: 'small' | 'medium';
}) {
  const shape = size === 'small' ? 'min-h-7 px-2.5 text-xs' : 'min-h-8 px-3 text-sm';
  return (
    <div role="group" aria-label={label} className="flex gap-1 overflow-x-auto">
      {chips.map((chip) => (
        <button
          key={chip.value ?? ''}
          type="button"
          aria-pressed={chip.value === value}
          onClick={() => onChange(chip.value)}
          className={`${shape} rounded-full font-medium whitespace-nowrap outline-offset-[-2px] hover:bg-sunken ${
            chip.tone === 'bad' ? 'text-bad aria-pressed:bg-bad-soft' : 'text-muted aria-pressed:bg-accent aria-pressed:text-on-accent'
          }`}
        >
          {chip.words}
        </button>
      ))}
    </div>
  );
}

/** A choice of one among a few, side by side: how something looks. It is a group of radio buttons to keys and readers. */
export function Segments<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly { value: T; words: string; icon?: ReactNode }[];
  onChange: (value: T) => void;
}) {
  return (
    <fieldset className="flex rounded-lg border border-line bg-sunken p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className="flex min-h-8 flex-1 cursor-pointer items-center justify-center gap-1.5 rounded-md px-3 text-sm font-medium whitespace-nowrap text-muted has-checked:bg-surface has-checked:text-ink has-checked:shadow-bubble has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input type="radio" name={label} value={option.value} checked={option.value === value} onChange={() => onChange(option.value)} className="sr-only" />
          {option.icon}
          {option.words}
        </label>
      ))}
    </fieldset>
  );
}
