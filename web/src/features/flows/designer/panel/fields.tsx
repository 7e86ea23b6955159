import { ArrowDown, ArrowUp, ChevronDown, Plus, X } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';
import { IconButton } from '@/components/button';
import { isObject, type Json, type Path } from '../document/document';
import { choiceId } from '../document/edit';
import { variablesOf } from '../document/variables';
import { useDoc } from '../editor';
import { useLanguage, useSay } from '../words';
import { DurationInput } from './duration-input';
import { refOf, RefInput, RefsInput } from './refs';
import { RulesEditor } from './rules';
import { fieldOf, fieldsOf, type FieldSpec, type FieldType } from './schema';
import { CONTROL, Setting, useFieldWords, useTools, type ControlIds } from './setting';
import { ASKING, shownOf } from './shown';
import { TemplateField } from './template-field';
import { TextInput } from './text-input';
import { valueWords } from './values';

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** Texts of one line, and the longest that a channel or the engine takes. */
const SINGLE = new Set(['title', 'button', 'header', 'footer', 'value', 'value2', 'url', 'filename', 'name', 'label', 'due', 'until', 'which', 'latitude', 'longitude', 'org', 'earliest', 'latest', 'description', 'agent', 'header_text', 'address']);
const LONGEST: Record<string, number> = { 'choice_option.title': 24, 'choice_option.description': 72, 'content_item.button': 20, 'menu_settings.button': 20, 'question_settings.button': 20, header: 60, footer: 60 };
const VARIABLE_KEYS = new Set(['save_to', 'list', 'from', 'save_status', 'save_body', 'to', 'item', 'index', 'variable']);

/** Lists whose items are choices, with the key of what people read. */
const CHOICES: Record<string, string> = { choice_option: 'title', branch: 'label', case: 'label', template_reply: 'title' };

/** What one more item of a list begins as. */
function fresh(part: string, items: readonly Json[], say: ReturnType<typeof useSay>): Json {
  const label = CHOICES[part];
  if (label !== undefined) {
    const words = part === 'branch' ? String.fromCharCode(65 + (items.length % 26)) : say(part === 'case' ? 'seeds.case' : 'seeds.option', { number: items.length + 1 });
    const ids = items.map((each) => text(each.id));
    return { id: choiceId(words, ids), [label]: words, ...(part === 'branch' && { weight: 50 }), ...(part === 'case' && { values: [] }), ...(part === 'template_reply' && { index: items.length }) };
  }
  if (part === 'content_item') return { kind: 'text', text: '' };
  if (part === 'action') return { do: 'add_label', label: '' };
  if (part === 'reminder') return { after: '10m', text: '' };
  if (part === 'assignment') return { name: '', op: 'value', value: '' };
  return Object.fromEntries(fieldsOf(part).filter(({ required, type }) => required && (type.kind === 'text' || type.kind === 'string' || type.kind === 'request')).map(({ key }) => [key, '']));
}

/** All settings of a part at a path: what matters first, the rest behind “more”. */
export function PartFields({ part, value, path, without = NONE }: { part: string; value: Json; path: Path; without?: readonly string[] }) {
  const keys = fieldsOf(part).map(({ key }) => key);
  const { first, more } = shownOf(part, keys, value);
  const fields = (names: readonly string[]) =>
    names
      .filter((key) => !without.includes(key))
      .flatMap((key) => fieldOf(part, key) ?? [])
      .map((spec) => <FieldInput key={spec.key} spec={spec} value={value[spec.key]} owner={value} path={[...path, spec.key]} />);
  const rest = fields(more);
  return (
    <div className="space-y-4">
      {fields(first)}
      {rest.length > 0 && <Folded words="panel.more">{rest}</Folded>}
    </div>
  );
}

const NONE: readonly string[] = [];

/** How a reply is waited for: the same settings for every kind that waits. */
export function AskingFields({ part, value }: { part: string; value: Json }) {
  const shown = shownOf(part, fieldsOf(part).map(({ key }) => key), value);
  const elsewhere = [...shown.first, ...shown.more];
  return (
    <>
      {ASKING.filter((key) => !elsewhere.includes(key))
        .flatMap((key) => fieldOf(part, key) ?? [])
        .map((spec) => (
          <FieldInput key={spec.key} spec={spec} value={value[spec.key]} owner={value} path={[spec.key]} />
        ))}
    </>
  );
}

/** Settings that few need, behind a press. */
export function Folded({ words, children, count }: { words: 'panel.more' | 'panel.asking'; children: ReactNode; count?: number }) {
  const say = useSay();
  const [open, setOpen] = useState(false);
  return (
    <div className="rounded-xl border border-line">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex min-h-9 w-full items-center gap-2 rounded-xl px-3 text-left text-sm font-medium text-muted hover:text-ink">
        <ChevronDown aria-hidden="true" className={`size-4 shrink-0 transition-transform ${open ? '' : '-rotate-90'}`} />
        {say(words)}
        {count !== undefined && count > 0 && <span className="ml-auto rounded-full bg-sunken px-1.5 text-xs tabular">{count}</span>}
      </button>
      {open && <div className="space-y-4 px-3 pt-1 pb-3">{children}</div>}
    </div>
  );
}

/** One setting, drawn by its type, or by hand where that is better. */
export function FieldInput({ spec, value, owner, path }: { spec: FieldSpec; value: unknown; owner: Json; path: Path }) {
  const words = useFieldWords();
  const tools = useTools();
  const [name, help] = words(spec);
  const { part, key, type } = spec;
  if (part === 'template_settings' && key === 'name') return <TemplateField owner={owner} path={path} />;
  if (key === 'rules' && type.kind === 'list') return <RulesEditor owner={owner} path={path.slice(0, -1)} />;
  if (key === 'match' && (part === 'condition_settings' || part === 'rule_group')) return null;
  if (type.kind === 'boolean') return <YesNo name={name} help={help} value={value} path={path} start={spec} />;
  if (type.kind === 'list' && type.of.kind === 'object') return <ListOf spec={spec} of={type.of.part} value={value} path={path} />;
  if (type.kind === 'object') {
    const inner = isObject(value) ? value : {};
    return (
      <Setting name={name} help={help} path={path} required={spec.required} group>
        {() => (
          <div className="rounded-xl border border-line p-3">
            <PartFields part={type.part} value={inner} path={path} />
          </div>
        )}
      </Setting>
    );
  }
  const ref = refOf(part, key, owner);
  const empty = spec.required ? '' : undefined;
  return (
    <Setting name={name} help={help} path={path} required={spec.required} group={type.kind === 'map'}>
      {(ids) =>
        ref !== undefined && type.kind === 'list' ? (
          <RefsInput kind={ref} name={name} value={Array.isArray(value) ? value.map(text) : []} onValue={(next) => tools.set(path, next.length > 0 ? next : undefined)} />
        ) : ref !== undefined && type.kind !== 'map' ? (
          <RefInput kind={ref} name={name} value={text(value)} onValue={(next) => tools.set(path, next ?? empty)} />
        ) : (
          <Control type={type} spec={spec} value={value} path={path} ids={ids} name={name} />
        )
      }
    </Setting>
  );
}

function YesNo({ name, help, value, path, start }: { name: string; help: string; value: unknown; path: Path; start: FieldSpec }) {
  const tools = useTools();
  const id = useId();
  // The one that is on unless somebody says no.
  const on = value === undefined ? start.key === 'sticky' : value === true;
  return (
    <div data-path={path.join('/')} className="flex items-start gap-2.5">
      <input
        id={id}
        type="checkbox"
        checked={on}
        onChange={(event) => tools.set(path, event.target.checked === (start.key === 'sticky') ? undefined : event.target.checked)}
        aria-describedby={`${id}-help`}
        className="mt-0.5 size-5 shrink-0 cursor-pointer accent-(--accent)"
      />
      <span className="min-w-0">
        <label htmlFor={id} className="block cursor-pointer text-sm font-medium">
          {name}
        </label>
        <span id={`${id}-help`} className="block text-xs text-pretty text-muted">
          {help}
        </span>
      </span>
    </div>
  );
}

function Control({ type, spec, value, path, ids, name }: { type: FieldType; spec: FieldSpec; value: unknown; path: Path; ids: ControlIds; name: string }) {
  const language = useLanguage();
  const say = useSay();
  const tools = useTools();
  const empty = spec.required ? '' : undefined;
  const set = (next: unknown) => tools.set(path, next === '' ? empty : next);
  switch (type.kind) {
    case 'text':
    case 'request': {
      const longest = LONGEST[`${spec.part}.${spec.key}`] ?? LONGEST[spec.key];
      return <TextInput value={text(value)} onValue={set} ids={ids} single={SINGLE.has(spec.key)} {...(longest !== undefined && { longest })} />;
    }
    case 'enum':
      return (
        <select {...ids} value={text(value)} onChange={(event) => set(event.target.value)} className={`h-9 ${CONTROL}`}>
          {!spec.required && <option value="">{say('panel.usual')}</option>}
          {text(value) !== '' && !type.values.includes(text(value)) && <option value={text(value)}>{text(value)}</option>}
          {type.values.map((each) => (
            <option key={each} value={each}>
              {valueWords(language, spec.key, each)}
            </option>
          ))}
        </select>
      );
    case 'number':
    case 'integer':
      return (
        <input
          {...ids}
          type="number"
          step={type.kind === 'integer' ? 1 : 'any'}
          min={spec.least}
          max={spec.most}
          value={typeof value === 'number' ? value : ''}
          onChange={(event) => tools.set(path, event.target.value === '' ? undefined : Number(event.target.value))}
          className={`h-9 max-w-36 ${CONTROL}`}
        />
      );
    case 'duration':
      return <DurationInput value={value} onValue={(next) => tools.set(path, next)} ids={ids} name={name} />;
    case 'list':
      return spec.key === 'weekdays' ? <Weekdays value={value} path={path} /> : <Lines value={value} numbers={type.of.kind === 'integer'} ids={ids} onValue={(next) => tools.set(path, next.length === 0 && !spec.required ? undefined : next)} />;
    case 'map':
      return <Pairs value={value} path={path} name={name} />;
    case 'json':
      return spec.key === 'value' || spec.key === 'default' ? <AnyInput value={value} ids={ids} onValue={(next) => tools.set(path, next)} /> : <JsonInput value={value} ids={ids} onValue={(next) => tools.set(path, next)} />;
    case 'expression':
      return <textarea {...ids} rows={2} spellCheck={false} value={text(value)} onChange={(event) => set(event.target.value)} className={`py-1.5 font-mono text-[0.8125rem] ${CONTROL}`} />;
    default:
      return VARIABLE_KEYS.has(spec.key) || (spec.part === 'assignment' && spec.key === 'name') ? (
        <VariableName value={text(value)} ids={ids} onValue={set} />
      ) : (
        <input {...ids} type={spec.key === 'clock' ? 'time' : 'text'} value={text(value)} onChange={(event) => set(event.target.value)} className={`h-9 ${CONTROL}`} />
      );
  }
}

/** The name of a variable: an old one is offered, a new one is made by writing it. */
export function VariableName({ value, onValue, ids }: { value: string; onValue: (value: string) => void; ids: ControlIds }) {
  const doc = useDoc();
  const listId = useId();
  return (
    <>
      <input {...ids} list={listId} type="text" spellCheck={false} autoCapitalize="none" value={value} onChange={(event) => onValue(event.target.value.trim())} className={`h-9 font-mono text-[0.8125rem] ${CONTROL}`} />
      <datalist id={listId}>
        {variablesOf(doc).map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}

/** A list of words, one a line. */
export function Lines({ value, onValue, ids, numbers = false }: { value: unknown; onValue: (value: (string | number)[]) => void; ids: ControlIds; numbers?: boolean }) {
  const kept = (Array.isArray(value) ? value : []).map(text);
  const [typed, setTyped] = useState({ of: kept.join('\n'), text: kept.join('\n') });
  // What is typed keeps its empty lines until something else changes the list.
  const shown = typed.of === kept.join('\n') ? typed.text : kept.join('\n');
  return (
    <textarea
      {...ids}
      rows={Math.min(6, Math.max(2, kept.length + 1))}
      value={shown}
      onChange={(event) => {
        const lines = event.target.value.split('\n').map((line) => line.trim()).filter((line) => line !== '');
        const next = numbers ? lines.filter((line) => /^\d+$/.test(line)).map(Number) : lines;
        setTyped({ of: next.join('\n'), text: event.target.value });
        onValue(next);
      }}
      className={`resize-y py-1.5 ${CONTROL}`}
    />
  );
}

function Weekdays({ value, path }: { value: unknown; path: Path }) {
  const language = useLanguage();
  const tools = useTools();
  const chosen = new Set(Array.isArray(value) ? (value as unknown[]) : []);
  const name = new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' });
  return (
    <div className="flex flex-wrap gap-1">
      {[1, 2, 3, 4, 5, 6, 0].map((day) => (
        <button
          key={day}
          type="button"
          aria-pressed={chosen.has(day)}
          onClick={() => {
            const next = [0, 1, 2, 3, 4, 5, 6].filter((each) => (each === day ? !chosen.has(day) : chosen.has(each)));
            tools.set(path, next.length > 0 ? next : undefined);
          }}
          className="min-h-8 rounded-full px-2.5 text-xs font-medium text-muted hover:bg-sunken aria-pressed:bg-accent aria-pressed:text-on-accent"
        >
          {name.format(new Date(Date.UTC(2026, 10, 1 + day)))}
        </button>
      ))}
    </div>
  );
}

/** Names with texts. */
function Pairs({ value, path, name }: { value: unknown; path: Path; name: string }) {
  const say = useSay();
  const tools = useTools();
  const entries = Object.entries(isObject(value) ? value : {});
  const put = (next: [string, unknown][]) => tools.set(path, next.length > 0 ? Object.fromEntries(next) : undefined);
  return (
    <div className="space-y-2">
      {entries.map(([key, each], place) => (
        <div key={place} className="flex items-start gap-1">
          <input aria-label={say('panel.pairName', { name, number: place + 1 })} value={key} onChange={(event) => put(entries.map((entry, at) => (at === place ? [event.target.value, each] : entry)))} className={`h-9 max-w-28 ${CONTROL}`} />
          <div className="min-w-0 flex-1">
            <PairValue label={say('panel.pairValue', { name: key })} value={text(each)} onValue={(next) => put(entries.map((entry, at) => (at === place ? [key, next] : entry)))} />
          </div>
          <IconButton label={say('panel.take', { name: key || String(place + 1) })} onClick={() => put(entries.filter((_, at) => at !== place))}>
            <X aria-hidden="true" className="size-4" />
          </IconButton>
        </div>
      ))}
      <AddButton onClick={() => put([...entries, [freeKey(entries.map(([key]) => key)), '']])} />
    </div>
  );
}

function PairValue({ label, value, onValue }: { label: string; value: string; onValue: (value: string) => void }) {
  const id = useId();
  return (
    <>
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      <TextInput single value={value} onValue={onValue} ids={{ id, 'aria-describedby': '' }} />
    </>
  );
}

const freeKey = (keys: readonly string[]) => {
  for (let number = keys.length + 1; ; number += 1) if (!keys.includes(String(number))) return String(number);
};

/** One more of a list. */
export function AddButton({ onClick, words }: { onClick: () => void; words?: string }) {
  const say = useSay();
  return (
    <button type="button" onClick={onClick} className="inline-flex min-h-9 items-center gap-1.5 rounded-lg border border-dashed border-line-strong px-3 text-sm font-medium text-accent-strong hover:bg-accent-soft">
      <Plus aria-hidden="true" className="size-4" />
      {words ?? say('panel.add')}
    </button>
  );
}

/** A text, a number, yes or no, or any JSON: what is no JSON is a text. */
function AnyInput({ value, ids, onValue }: { value: unknown; ids: ControlIds; onValue: (value: unknown) => void }) {
  const read = (written: string): unknown => {
    if (written === '') return undefined;
    try {
      return JSON.parse(written) as unknown;
    } catch {
      return written;
    }
  };
  return <input {...ids} type="text" value={value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)} onChange={(event) => onValue(read(event.target.value))} className={`h-9 ${CONTROL}`} />;
}

/** JSON that is kept when it can be read. */
function JsonInput({ value, ids, onValue }: { value: unknown; ids: ControlIds; onValue: (value: unknown) => void }) {
  const say = useSay();
  const written = value === undefined ? '' : JSON.stringify(value, null, 2);
  const [typed, setTyped] = useState({ of: written, text: written, wrong: false });
  const shown = typed.of === written ? typed : { text: written, wrong: false };
  return (
    <>
      <textarea
        {...ids}
        aria-invalid={shown.wrong || undefined}
        rows={6}
        spellCheck={false}
        value={shown.text}
        onChange={(event) => {
          const next = event.target.value;
          try {
            const read: unknown = next.trim() === '' ? undefined : JSON.parse(next);
            setTyped({ of: read === undefined ? '' : JSON.stringify(read, null, 2), text: next, wrong: false });
            onValue(read);
          } catch {
            setTyped({ of: written, text: next, wrong: true });
          }
        }}
        className={`resize-y py-1.5 font-mono text-[0.8125rem] ${CONTROL}`}
      />
      {shown.wrong && (
        <p role="status" className="mt-1 text-xs text-bad">
          {say('panel.notJson')}
        </p>
      )}
    </>
  );
}

/** A list of parts: each with its settings, moved by buttons, and one more at the end. */
function ListOf({ spec, of, value, path }: { spec: FieldSpec; of: string; value: unknown; path: Path }) {
  const say = useSay();
  const words = useFieldWords();
  const tools = useTools();
  const language = useLanguage();
  const items = (Array.isArray(value) ? value : []) as unknown[];
  const [name, help] = words(spec);
  const label = CHOICES[of];
  const titled = (item: unknown, place: number) => {
    const object = isObject(item) ? item : {};
    if (of === 'content_item') return valueWords(language, 'kind', text(object.kind));
    if (of === 'action') return valueWords(language, 'do', text(object.do));
    return text(object[label ?? 'name']) || say('panel.item', { number: place + 1 });
  };
  const swap = (place: number, to: number) => {
    const next = [...items];
    [next[place], next[to]] = [next[to], next[place]];
    tools.set(path, next);
  };
  return (
    <Setting name={name} help={help} path={path} required={spec.required} group>
      {() => (
        <div className="space-y-2">
          <ol className="space-y-2">
            {items.map((item, place) => (
              <li key={place} className="rounded-xl border border-line bg-surface">
                <div className="flex items-center gap-0.5 py-0.5 pr-1 pl-3">
                  <span className="min-w-0 flex-1 truncate text-xs font-medium text-muted">{titled(item, place)}</span>
                  <IconButton label={say('panel.up', { name: titled(item, place) })} disabled={place === 0} onClick={() => swap(place, place - 1)} className="!size-8">
                    <ArrowUp aria-hidden="true" className="size-3.5" />
                  </IconButton>
                  <IconButton label={say('panel.down', { name: titled(item, place) })} disabled={place === items.length - 1} onClick={() => swap(place, place + 1)} className="!size-8">
                    <ArrowDown aria-hidden="true" className="size-3.5" />
                  </IconButton>
                  <IconButton label={say('panel.take', { name: titled(item, place) })} onClick={() => tools.set([...path, place], undefined)} className="!size-8">
                    <X aria-hidden="true" className="size-4" />
                  </IconButton>
                </div>
                <div className="border-t border-line p-3">
                  <PartFields part={of} value={isObject(item) ? item : {}} path={[...path, place]} />
                </div>
              </li>
            ))}
          </ol>
          <AddButton words={say('panel.addTo', { name: name.toLocaleLowerCase() })} onClick={() => tools.set(path, [...items, fresh(of, items.filter(isObject), say)])} />
        </div>
      )}
    </Setting>
  );
}
