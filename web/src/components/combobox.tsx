import { Combobox as Base } from '@base-ui/react/combobox';
import { Check, ChevronDown, X } from 'lucide-react';
import { useId, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useOptions, type Option, type Options } from './use-options';

export type { Option, Options } from './use-options';

/** What both kinds of combobox have. */
interface ComboboxProps {
  label: string;
  /** The label is read and not seen: for filters, whose placeholder says what they narrow. */
  labelHidden?: boolean;
  placeholder?: string;
  /** All options, or a search. A search must keep its identity between renders. */
  options: Options;
  /** For forms: the chosen values under this name. */
  name?: string;
  disabled?: boolean;
  className?: string;
}

const BOX =
  'flex min-h-9 cursor-text items-center gap-1 rounded-lg border border-line-strong bg-raised pr-1 pl-2.5 text-sm text-ink focus-within:border-accent focus-within:ring-2 focus-within:ring-accent/30 data-disabled:opacity-60';
const INPUT = 'h-7 min-w-16 flex-1 bg-transparent text-sm outline-none placeholder:text-faint';

const sameOption = (a: Option, b: Option) => a.value === b.value;
const wordsOf = (option: Option) => option.words;
const valueOf = (option: Option) => option.value;

// The list's opening hides everything else from readers, the label too: so the input has its name itself.
function Labelled({ id, label, hidden, className, children }: { id: string; label: string; hidden: boolean; className: string | undefined; children: ReactNode }) {
  return (
    <div className={`flex min-w-0 flex-col gap-1.5 ${className ?? ''}`}>
      <label htmlFor={id} className={hidden ? 'sr-only' : 'text-sm font-medium'}>
        {label}
      </label>
      {children}
    </div>
  );
}

function OptionWords({ option }: { option: Option }) {
  return (
    <>
      {option.color !== undefined && <span aria-hidden="true" className="size-2.5 shrink-0 rounded-full" style={{ background: option.color }} />}
      <span className="min-w-0">
        <span className="block truncate">{option.words}</span>
        {option.hint !== undefined && <span className="block truncate text-xs text-muted">{option.hint}</span>}
      </span>
    </>
  );
}

function Popup({ searching, failed, empty }: { searching: boolean; failed: boolean; empty: boolean }) {
  const { t } = useTranslation();
  const status = searching ? t('kit.searching') : failed ? t('kit.searchFailed') : empty ? t('kit.noMatch') : '';
  return (
    <Base.Portal>
      <Base.Positioner sideOffset={4} className="z-60 outline-none">
        <Base.Popup
          aria-busy={searching || undefined}
          className="w-[max(var(--anchor-width),14rem)] max-w-[var(--available-width)] rounded-xl border border-line bg-raised shadow-card transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0"
        >
          <div className="max-h-[min(var(--available-height),20rem)] overflow-y-auto overscroll-contain p-1">
            <Base.Status className={status === '' ? '' : `px-2.5 py-2 text-sm ${failed ? 'text-bad' : 'text-muted'}`}>{status}</Base.Status>
            <Base.List>
              {(option: Option) => (
                <Base.Item
                  key={option.value}
                  value={option}
                  className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-lg px-2.5 py-1 text-sm outline-none select-none data-highlighted:bg-accent-soft data-highlighted:text-accent-strong"
                >
                  <OptionWords option={option} />
                  <Base.ItemIndicator className="ml-auto">
                    <Check aria-hidden="true" className="size-4 text-accent" />
                  </Base.ItemIndicator>
                </Base.Item>
              )}
            </Base.List>
          </div>
        </Base.Popup>
      </Base.Positioner>
    </Base.Portal>
  );
}

function Ends({ clearable }: { clearable: boolean }) {
  const { t } = useTranslation();
  const button = 'inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted hover:bg-sunken hover:text-ink';
  return (
    <>
      {clearable && (
        <Base.Clear aria-label={t('kit.clear')} className={button}>
          <X aria-hidden="true" className="size-4" />
        </Base.Clear>
      )}
      <Base.Trigger aria-label={t('kit.showOptions')} className={button}>
        <ChevronDown aria-hidden="true" className="size-4" />
      </Base.Trigger>
    </>
  );
}

/** What is typed, whether the list is open, and what it offers. */
function useTyping(options: Options, chosen: readonly Option[]) {
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  // The words of what is chosen stand in the field: opening it again offers everything.
  const typed = chosen.some((option) => option.words === text) ? '' : text;
  const found = useOptions(options, typed.trim(), open);
  // What is chosen stays known, also while the list has something else.
  const items = useMemo(() => [...found.options, ...chosen.filter((each) => !found.options.some((other) => sameOption(each, other)))], [found.options, chosen]);
  const shared = {
    // A search has filtered already. What is chosen and does not match is there for its words, and is not shown.
    items,
    ...(typeof options === 'function' && { filter: null, filteredItems: found.options }),
    itemToStringLabel: wordsOf,
    itemToStringValue: valueOf,
    isItemEqualToValue: sameOption,
    onInputValueChange: setText,
    onOpenChange: setOpen,
    autoHighlight: true,
  } as const;
  const empty = typeof options === 'function' ? !found.searching && found.options.length === 0 : typed !== '' && !found.options.some(matches(typed));
  return { shared, popup: <Popup searching={found.searching} failed={found.failed} empty={empty && !found.failed} /> };
}

function matches(text: string): (option: Option) => boolean {
  const wanted = text.trim().toLocaleLowerCase();
  return (option) => option.words.toLocaleLowerCase().includes(wanted);
}

const NONE: readonly Option[] = [];

/** A choice of one among many, found by typing. Among few that never change, Select is the browser's own and enough. */
export function Combobox({
  label,
  labelHidden = false,
  placeholder,
  options,
  name,
  disabled,
  className,
  value,
  onChange,
}: ComboboxProps & { value: Option | null; onChange: (value: Option | null) => void }) {
  const id = useId();
  const chosen = useMemo(() => (value ? [value] : NONE), [value]);
  const { shared, popup } = useTyping(options, chosen);
  return (
    <Base.Root<Option> {...shared} value={value} onValueChange={onChange} {...(name !== undefined && { name })} {...(disabled !== undefined && { disabled })}>
      <Labelled id={id} label={label} hidden={labelHidden} className={className}>
        <Base.InputGroup className={BOX}>
          <Base.Input id={id} aria-label={label} placeholder={placeholder} className={INPUT} />
          <Ends clearable={value !== null} />
        </Base.InputGroup>
      </Labelled>
      {popup}
    </Base.Root>
  );
}

/** A choice of several among many: each is a chip that Backspace or its button removes. */
export function MultiCombobox({
  label,
  labelHidden = false,
  placeholder,
  options,
  name,
  disabled,
  className,
  value,
  onChange,
}: ComboboxProps & { value: readonly Option[]; onChange: (value: Option[]) => void }) {
  const { t } = useTranslation();
  const id = useId();
  const { shared, popup } = useTyping(options, value);
  return (
    <Base.Root<Option, true>
      {...shared}
      multiple
      value={value}
      onValueChange={(next) => onChange(next)}
      {...(name !== undefined && { name })}
      {...(disabled !== undefined && { disabled })}
    >
      <Labelled id={id} label={label} hidden={labelHidden} className={className}>
        <Base.InputGroup className={`${BOX} py-1`}>
          <Base.Chips className="flex min-w-0 flex-1 flex-wrap items-center gap-1" {...(value.length > 0 && { 'aria-label': t('kit.chosen', { label }) })}>
            {value.map((option) => (
              <Base.Chip
                key={option.value}
                aria-label={option.words}
                className="inline-flex min-h-6 max-w-full items-center gap-1.5 rounded-full bg-sunken pl-2.5 text-xs font-medium outline-none focus-within:bg-accent-soft focus-within:text-accent-strong data-highlighted:bg-accent-soft data-highlighted:text-accent-strong"
              >
                {option.color !== undefined && <span aria-hidden="true" className="size-2 shrink-0 rounded-full" style={{ background: option.color }} />}
                <span className="truncate">{option.words}</span>
                <Base.ChipRemove
                  aria-label={t('kit.remove', { name: option.words })}
                  className="inline-flex size-6 shrink-0 items-center justify-center rounded-full text-muted hover:text-ink"
                >
                  <X aria-hidden="true" className="size-3.5" />
                </Base.ChipRemove>
              </Base.Chip>
            ))}
            <Base.Input id={id} aria-label={label} placeholder={value.length > 0 ? '' : placeholder} className={INPUT} />
          </Base.Chips>
          <Ends clearable={value.length > 0} />
        </Base.InputGroup>
      </Labelled>
      {popup}
    </Base.Root>
  );
}
