import { Form as BaseForm } from '@base-ui/react/form';
import { createContext, useContext, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';

const PendingContext = createContext(false);

/** Whether the form around is being sent. */
export function useFormPending(): boolean {
  return useContext(PendingContext);
}

/** The server's words about each field, by the field's name, and whether it named a place that is none of them. */
function placed(error: unknown, names: readonly string[]): { fields: Record<string, string>; left: boolean } {
  if (!(error instanceof ApiError)) return { fields: {}, left: error !== undefined && error !== null };
  const fields: Record<string, string> = {};
  let left = error.fields.length === 0;
  for (const { location, message } of error.fields) {
    const path = location.replace(/^body\./, '');
    // A list's item is told at the list: phones[2] belongs to phones.
    const name = names.find((each) => each === path || path.startsWith(`${each}.`) || path.startsWith(`${each}[`));
    if (name === undefined) left = true;
    else fields[name] ??= message;
  }
  return { fields, left };
}

/**
 * A form that the server judges. The answer's errors (problem+json) stand at the fields they name, and the first of those gets
 * the focus. What belongs to no field stands above them. Mod+Enter sends it from any field. Fields are named like the body they fill: `body.name` is `name`.
 */
export function Form({
  id,
  names,
  error,
  pending = false,
  onSubmit,
  children,
  className,
}: {
  id?: string;
  /** The names of the form's fields. */
  names: readonly string[];
  /** What the last attempt was answered with. */
  error?: unknown;
  pending?: boolean;
  onSubmit: (values: FormData) => void;
  children: ReactNode;
  className?: string;
}) {
  const { t } = useTranslation();
  // The same answer is the same object, however the caller wrote the names: a new one would bring an error back to a field that was
  // changed since, and nothing could be sent any more.
  const known = names.join('\n');
  const { fields, left } = useMemo(() => placed(error, known.split('\n')), [error, known]);
  const problem = error instanceof ApiError ? error : undefined;
  return (
    <PendingContext value={pending}>
      <BaseForm
        id={id}
        errors={fields}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          // A dialog's form may stand inside another form's page: only this one is sent.
          event.stopPropagation();
          if (!pending) onSubmit(new FormData(event.currentTarget));
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
          event.preventDefault();
          event.currentTarget.requestSubmit();
        }}
        className={`space-y-4 ${className ?? ''}`}
      >
        {left && (
          <div role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-sm text-bad">
            <p className="font-medium">{problem ? problem.sayWith(t) : t('error.unknown')}</p>
            {problem?.detail && !problem.told(t) && <p lang="en">{problem.detail}</p>}
          </div>
        )}
        {children}
      </BaseForm>
    </PendingContext>
  );
}
