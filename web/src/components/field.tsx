import { Field as BaseField } from '@base-ui/react/field';
import type { ComponentPropsWithRef, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

const CONTROL =
  'w-full rounded-lg border border-line-strong bg-raised px-3 text-sm text-ink outline-none placeholder:text-faint focus-visible:border-accent focus-visible:ring-2 focus-visible:ring-accent/40 disabled:opacity-60 data-invalid:border-bad data-invalid:ring-bad/30';

/** What every field has. */
interface FieldProps {
  label: string;
  /** As the API's body calls it: the server's errors find the field by it. */
  name: string;
  /** A sentence under the label: what to write, in which form. */
  hint?: ReactNode;
  /** What is wrong, where the screen knows it itself; the server's errors come from the Form. */
  error?: string | undefined;
  optional?: boolean;
  className?: string;
}

/** A label, a hint and an error around one control. TextField and TextArea are the usual controls; others are children. */
export function Field({ label, name, hint, error, optional = false, className, children }: FieldProps & { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <BaseField.Root name={name} invalid={error === undefined ? undefined : true} className={`flex flex-col gap-1.5 ${className ?? ''}`}>
      <BaseField.Label className="text-sm font-medium">
        {label} {optional && <span className="font-normal text-muted">({t('kit.optional')})</span>}
      </BaseField.Label>
      {hint !== undefined && <BaseField.Description className="text-xs text-pretty text-muted">{hint}</BaseField.Description>}
      {children}
      {error === undefined ? (
        <BaseField.Error className="text-sm text-bad" />
      ) : (
        <BaseField.Error match className="text-sm text-bad">
          {error}
        </BaseField.Error>
      )}
    </BaseField.Root>
  );
}

type TextFieldProps = FieldProps & Omit<ComponentPropsWithRef<'input'>, 'name' | 'className' | 'defaultValue' | 'value' | 'onChange'>;

/** A line of text. Give `value` with `onValue`, or `start` where the form reads it when it is sent. */
export function TextField({
  label,
  name,
  hint,
  error,
  optional,
  className,
  start,
  value,
  onValue,
  ...rest
}: TextFieldProps & { start?: string; value?: string; onValue?: (value: string) => void }) {
  return (
    <Field label={label} name={name} hint={hint} error={error} {...(optional && { optional })} {...(className !== undefined && { className })}>
      <BaseField.Control {...rest} defaultValue={start} value={value} onValueChange={onValue} className={`h-10 ${CONTROL}`} />
    </Field>
  );
}

/** Text of several lines. Mod+Enter sends the form. */
export function TextArea({
  label,
  name,
  hint,
  error,
  optional,
  className,
  start,
  value,
  onValue,
  rows = 3,
  ...rest
}: FieldProps &
  Omit<ComponentPropsWithRef<'textarea'>, 'name' | 'className' | 'defaultValue' | 'value' | 'onChange' | 'rows'> & {
    start?: string;
    value?: string;
    onValue?: (value: string) => void;
    rows?: number;
  }) {
  return (
    <Field label={label} name={name} hint={hint} error={error} {...(optional && { optional })} {...(className !== undefined && { className })}>
      <BaseField.Control
        defaultValue={start}
        value={value}
        onValueChange={onValue}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          event.currentTarget.closest('form')?.requestSubmit();
        }}
        render={<textarea rows={rows} {...rest} />}
        className={`resize-y py-2 ${CONTROL}`}
      />
    </Field>
  );
}
