import { createContext, useContext, useId, type ReactNode } from 'react';
import { useLanguage as language_, useSay } from '../words';
import type { Path } from '../document/document';
import { fieldWords, type FieldSpec } from './schema';

/** What the settings of one thing are changed by, and what is wrong with them. */
export interface PanelTools {
  /** Changes the setting at a path; undefined takes it away. */
  set: (path: Path, value: unknown) => void;
  /** What the linter says about a path. */
  problemsAt: (path: Path) => { text: string; severity: 'error' | 'warning' | 'hint' }[];
}

const ToolsContext = createContext<PanelTools | undefined>(undefined);

/** Gives the tools to the settings inside. */
export const ToolsProvider = ToolsContext.Provider;

/** The tools of the settings around. */
export function useTools(): PanelTools {
  const tools = useContext(ToolsContext);
  if (!tools) throw new Error('there are no settings around');
  return tools;
}

/** How every control of the panel looks. */
export const CONTROL =
  'w-full rounded-lg border border-line-strong bg-raised px-2.5 text-sm text-ink outline-none placeholder:text-faint focus-visible:border-accent focus-visible:ring-2 focus-visible:ring-accent/40 disabled:opacity-60 aria-invalid:border-bad';

/** What a control needs of the setting around it. */
export interface ControlIds {
  id: string;
  'aria-describedby': string;
  'aria-invalid'?: true;
}

const TONES = { error: 'text-bad', warning: 'text-warn', hint: 'text-muted' } as const;

/** A setting with its name, its sentence of help and what is wrong with it. */
export function Setting({
  name,
  help,
  path,
  required = false,
  aside,
  group = false,
  children,
}: {
  name: string;
  help?: string;
  path: Path;
  required?: boolean;
  /** At the end of the name's line: a counter, a button. */
  aside?: ReactNode;
  /** Several controls under one name. */
  group?: boolean;
  children: (ids: ControlIds) => ReactNode;
}) {
  const say = useSay();
  const id = useId();
  const problems = useTools().problemsAt(path);
  const ids: ControlIds = { id, 'aria-describedby': `${id}-help`, ...(problems.some(({ severity }) => severity === 'error') && { 'aria-invalid': true }) };
  const title = (
    <>
      {name}
      {required && <span className="ml-1 font-normal text-faint">{say('panel.required')}</span>}
    </>
  );
  return (
    <div data-path={path.join('/')} {...(group && { role: 'group', 'aria-labelledby': `${id}-name` })} className="min-w-0">
      <div className="flex items-baseline justify-between gap-2">
        {group ? (
          <p id={`${id}-name`} className="text-sm font-medium">
            {title}
          </p>
        ) : (
          <label htmlFor={id} className="text-sm font-medium">
            {title}
          </label>
        )}
        {aside}
      </div>
      <div className="mt-1">{children(ids)}</div>
      <div id={`${id}-help`}>
        {help !== undefined && help !== '' && <p className="mt-1 text-xs text-pretty text-muted">{help}</p>}
        {problems.map(({ text, severity }) => (
          <p key={text} className={`mt-1 text-xs text-pretty ${TONES[severity]}`}>
            {text}
          </p>
        ))}
      </div>
    </div>
  );
}

/** The words of a setting in the reader's language. */
export function useFieldWords(): (spec: Pick<FieldSpec, 'part' | 'key'>) => readonly [string, string] {
  const language = language_();
  return ({ part, key }) => fieldWords(language, part, key);
}
