import { Pencil } from 'lucide-react';
import { useId, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import { CopyButton } from '@/components/copy-button';

/**
 * One thing that is known and can be changed where it stands: pressing it opens the field, Enter saves, Esc restores. What is
 * saved is shown at once; a refusal puts the old value back and says why.
 */
export function EditableFact({
  name,
  value,
  shown,
  type = 'text',
  options,
  maxLength,
  copy = false,
  mayEdit,
  check,
  onSave,
}: {
  name: string;
  /** As the field takes it; empty: there is none. */
  value: string;
  /** How it is read, when that is not how it is written. */
  shown?: ReactNode;
  type?: 'text' | 'date' | 'time' | 'datetime-local' | 'email' | 'url' | 'tel';
  /** What it may be, where that is a list. */
  options?: readonly { value: string; words: string }[];
  maxLength?: number | undefined;
  copy?: boolean;
  mayEdit: boolean;
  /** Says what is wrong with what was typed; undefined when nothing is. */
  check?: (typed: string) => string | undefined;
  onSave: (typed: string) => Promise<void>;
}) {
  const { t } = useTranslation();
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const [typed, setTyped] = useState<string>();
  const [saving, setSaving] = useState<string>();
  const [wrong, setWrong] = useState<string>();
  const editing = typed !== undefined;

  const leave = () => {
    setTyped(undefined);
    // The button is there again when the field is gone.
    requestAnimationFrame(() => button.current?.focus());
  };
  const save = async (refocus: boolean) => {
    if (typed === undefined) return;
    const next = typed.trim();
    const problem = next === '' ? undefined : check?.(next);
    setWrong(problem);
    if (problem !== undefined) return;
    if (refocus) leave();
    else setTyped(undefined);
    if (next === value) return;
    setSaving(next);
    try {
      await onSave(next);
    } catch (error) {
      setWrong(error instanceof ApiError ? (error.fields[0]?.message ?? error.sayWith(t)) : t('error.unknown'));
    }
    setSaving(undefined);
  };
  const keys = (event: React.KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      void save(true);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      setWrong(undefined);
      leave();
    }
  };

  const now = saving ?? value;
  const field = 'h-8 w-full rounded-lg border border-line-strong bg-raised px-2 text-sm font-medium outline-none focus-visible:border-accent focus-visible:ring-2 focus-visible:ring-accent/30 aria-invalid:border-bad';
  const shared = { id, 'aria-invalid': wrong !== undefined, 'aria-describedby': wrong === undefined ? undefined : `${id}-wrong`, onKeyDown: keys, onBlur: () => void save(false), className: field } as const;
  return (
    <div className="min-w-0">
      <dt className="text-xs text-muted">{editing ? <label htmlFor={id}>{name}</label> : name}</dt>
      <dd className="text-sm font-medium">
        {editing ? (
          options ? (
            // eslint-disable-next-line jsx-a11y/no-autofocus -- the field stands where the reader just pressed
            <select {...shared} autoFocus value={typed} onChange={(event) => setTyped(event.target.value)}>
              <option value="">{t('acts.choose')}</option>
              {options.map((option) => (
                <option key={option.value} value={option.value}>
                  {option.words}
                </option>
              ))}
            </select>
          ) : (
            // eslint-disable-next-line jsx-a11y/no-autofocus -- the field stands where the reader just pressed
            <input {...shared} autoFocus type={type} maxLength={maxLength} value={typed} onChange={(event) => setTyped(event.target.value)} />
          )
        ) : (
          <span className="flex items-center gap-1">
            {mayEdit ? (
              <button
                ref={button}
                type="button"
                title={t('contact.edit', { name })}
                aria-label={t('contact.editValue', { name, value: now === '' ? t('contact.add') : typeof shown === 'string' ? shown : now })}
                onClick={() => setTyped(now)}
                className="group/edit -mx-1.5 flex min-h-7 min-w-0 items-center gap-1.5 rounded-md px-1.5 text-left hover:bg-sunken"
              >
                <span className={`tabular min-w-0 wrap-anywhere ${now === '' ? 'font-normal text-faint' : ''}`}>{now === '' ? t('contact.add') : saving === undefined ? (shown ?? now) : now}</span>
                <Pencil aria-hidden="true" className="size-3 shrink-0 text-faint opacity-0 group-hover/edit:opacity-100 group-focus-visible/edit:opacity-100" />
              </button>
            ) : (
              <span className="tabular min-w-0 wrap-anywhere">{now === '' ? t('app.none') : (shown ?? now)}</span>
            )}
            {copy && now !== '' && <CopyButton text={now} label={`${t('app.copy')}: ${name}`} />}
          </span>
        )}
        {wrong !== undefined && (
          <span id={`${id}-wrong`} role="alert" className="mt-1 block text-xs font-normal text-bad">
            {wrong}
          </span>
        )}
      </dd>
    </div>
  );
}
