import { Switch as Base } from '@base-ui/react/switch';
import { useId } from 'react';

/** Something that is on or off, and changes at once. In a form it is a checkbox instead. */
export function Switch({ label, hint, on, disabled = false, onChange }: { label: string; hint?: string; on: boolean; disabled?: boolean; onChange: (on: boolean) => void }) {
  const id = useId();
  return (
    <div className="flex items-center justify-between gap-3">
      <div className="min-w-0">
        <p id={id} className="text-sm font-medium">
          {label}
        </p>
        {hint !== undefined && (
          <p id={`${id}-hint`} className="text-xs text-pretty text-muted">
            {hint}
          </p>
        )}
      </div>
      <Base.Root
        checked={on}
        disabled={disabled}
        onCheckedChange={(next) => onChange(next)}
        aria-labelledby={id}
        {...(hint !== undefined && { 'aria-describedby': `${id}-hint` })}
        className="relative h-6 w-11 shrink-0 rounded-full bg-line-strong transition-colors data-checked:bg-accent data-disabled:opacity-50"
      >
        <Base.Thumb className="absolute top-0.5 left-0.5 size-5 rounded-full bg-surface shadow-bubble transition-transform data-checked:translate-x-5" />
      </Base.Root>
    </div>
  );
}
