import { Braces } from 'lucide-react';
import { useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { SYSTEM_VARIABLES, variablesOf } from '../document/variables';
import { useDoc } from '../editor';
import { folded } from '../presets';
import { useSay, type Say } from '../words';
import { CONTROL, type ControlIds } from './setting';

/** Something that a text may read. */
interface Choice {
  name: string;
  words: string;
}

function choices(say: Say, own: readonly { name: string; label?: string }[]): Choice[] {
  const system = Object.values(SYSTEM_VARIABLES)
    .flat()
    .map((name) => ({ name, words: say(`variables.${name}`) }));
  return [...own.map(({ name, label }) => ({ name, words: label ?? say('variables.own') })), ...system];
}

const MOST = 8;

/** A text that may have variables: “{” or the button offers them by name. */
export function TextInput({
  value,
  onValue,
  ids,
  rows = 3,
  single = false,
  longest,
  placeholder,
}: {
  value: string;
  onValue: (value: string) => void;
  ids: ControlIds;
  rows?: number;
  single?: boolean;
  longest?: number;
  placeholder?: string;
}) {
  const say = useSay();
  const doc = useDoc();
  const field = useRef<HTMLTextAreaElement & HTMLInputElement>(null);
  const listId = useId();
  const [asked, setAsked] = useState<{ from: number; text: string }>();
  const [place, setPlace] = useState(0);
  const all = useMemo(() => choices(say, variablesOf(doc)), [say, doc]);
  const shown = asked === undefined ? [] : all.filter(({ name, words }) => folded(`${name} ${words}`).includes(folded(asked.text))).slice(0, MOST);

  const look = (text: string, caret: number) => {
    const match = /(?<!\{)\{\s*([\p{L}\p{N}_.]*)$/u.exec(text.slice(0, caret));
    setAsked(match ? { from: caret - match[0].length, text: match[1] ?? '' } : undefined);
    setPlace(0);
  };
  const put = ({ name }: Choice) => {
    const element = field.current;
    if (!element || !asked) return;
    const caret = element.selectionStart ?? value.length;
    const after = value.slice(caret).replace(/^\}/, '');
    const next = `${value.slice(0, asked.from)}{${name}}${after}`;
    onValue(next);
    setAsked(undefined);
    const end = asked.from + name.length + 2;
    requestAnimationFrame(() => {
      element.focus();
      element.setSelectionRange(end, end);
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (shown.length === 0) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setPlace((place + (event.key === 'ArrowDown' ? 1 : shown.length - 1)) % shown.length);
    } else if (event.key === 'Enter' || event.key === 'Tab') {
      event.preventDefault();
      put(shown[place] ?? shown[0]!);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      setAsked(undefined);
    }
  };
  const shared = {
    ...ids,
    ref: field,
    value,
    placeholder,
    role: 'combobox' as const,
    'aria-autocomplete': 'list' as const,
    'aria-expanded': shown.length > 0,
    ...(shown.length > 0 && { 'aria-controls': listId, 'aria-activedescendant': `${listId}-${place}` }),
    onKeyDown,
    onBlur: () => setAsked(undefined),
    onChange: (event: { target: HTMLInputElement | HTMLTextAreaElement }) => {
      onValue(event.target.value);
      look(event.target.value, event.target.selectionStart ?? event.target.value.length);
    },
  };
  const over = longest !== undefined && value.length > longest;
  return (
    <div className="relative">
      {single ? <input {...shared} type="text" className={`h-9 pr-9 ${CONTROL}`} /> : <textarea {...shared} rows={rows} className={`field-sizing-content max-h-72 min-h-18 resize-y py-1.5 pr-9 ${CONTROL}`} />}
      <button
        type="button"
        aria-label={say('panel.putVariable')}
        title={say('panel.putVariable')}
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => {
          const element = field.current;
          if (!element) return;
          const caret = element.selectionStart ?? value.length;
          element.focus();
          setAsked(asked ? undefined : { from: caret, text: '' });
          setPlace(0);
        }}
        className="absolute top-1 right-1 inline-flex size-7 items-center justify-center rounded-md text-muted hover:bg-sunken hover:text-ink"
      >
        <Braces aria-hidden="true" className="size-4" />
      </button>
      {longest !== undefined && (value.length > longest * 0.7 || over) && (
        <p className={`mt-0.5 text-right text-xs tabular ${over ? 'text-bad' : 'text-muted'}`}>
          {value.length}/{longest}
        </p>
      )}
      {shown.length > 0 && (
        <ul id={listId} role="listbox" aria-label={say('panel.variables')} className="absolute inset-x-0 z-20 mt-1 max-h-64 overflow-y-auto rounded-xl border border-line bg-raised p-1 shadow-card">
          {shown.map((choice, index) => (
            // Keys of the field choose; a press chooses too.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <li
              key={choice.name}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === place}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => put(choice)}
              className={`flex cursor-pointer items-baseline justify-between gap-3 rounded-lg px-2.5 py-1.5 text-sm ${index === place ? 'bg-accent-soft text-accent-strong' : ''}`}
            >
              <span className="truncate">{choice.words}</span>
              <code className="shrink-0 text-xs text-muted">{`{${choice.name}}`}</code>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
