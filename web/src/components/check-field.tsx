import { useId, type ReactNode } from 'react';

/** A yes or no of a form, with its words at its side and a sentence under them. */
export function CheckField({
  label,
  hint,
  checked,
  onChecked,
  disabled = false,
}: {
  label: string;
  hint?: ReactNode;
  checked: boolean;
  onChecked: (checked: boolean) => void;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <div className="flex items-start gap-3">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChecked(event.target.checked)}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        className="mt-0.5 size-5 shrink-0 cursor-pointer accent-(--accent)"
      />
      <div className="min-w-0">
        <label htmlFor={id} className="block cursor-pointer text-sm font-medium">
          {label}
        </label>
        {hint !== undefined && (
          <p id={`${id}-hint`} className="mt-0.5 text-xs text-pretty text-muted">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
