import { Field as BaseField } from '@base-ui/react/field';
import { ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { Field } from './field';

/** A choice of one among few as a field of a form: with a label, a hint and the server's error. */
export function SelectField({
  label,
  name,
  hint,
  error,
  optional,
  value,
  onValue,
  options,
}: {
  label: string;
  name: string;
  hint?: ReactNode;
  error?: string | undefined;
  optional?: boolean;
  value: string;
  onValue: (value: string) => void;
  options: readonly { value: string; words: string }[];
}) {
  return (
    <Field label={label} name={name} hint={hint} error={error} {...(optional && { optional })}>
      <span className="relative flex">
        <BaseField.Control
          value={value}
          onValueChange={onValue}
          render={
            <select>
              {options.map((option) => (
                <option key={option.value} value={option.value}>
                  {option.words}
                </option>
              ))}
            </select>
          }
          className="h-10 w-full appearance-none truncate rounded-lg border border-line-strong bg-raised pr-9 pl-3 text-sm text-ink outline-none focus-visible:border-accent focus-visible:ring-2 focus-visible:ring-accent/40 data-invalid:border-bad"
        />
        <ChevronDown aria-hidden="true" className="pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2 text-faint" />
      </span>
    </Field>
  );
}
