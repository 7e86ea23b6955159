import { Plus, Trash2 } from 'lucide-react';
import { useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Flow } from '@/api/types';
import { Button, IconButton } from '@/components/button';
import { Menu } from '@/components/menu';
import { kindLook } from '../../kinds';
import { isObject, same, type DocTrigger, type Path } from '../document/document';
import { freeName } from '../document/clipboard';
import { setFlow, setStart } from '../document/edit';
import { spotOf } from '../document/problems';
import { storedBy, usesVariable, variablesOf } from '../document/variables';
import { useDesk } from '../desk';
import { useDoc, useEditor } from '../editor';
import { titleOf } from '../summary';
import { useLanguage, useSay } from '../words';
import { AddButton, Folded, PartFields } from './fields';
import { CONTROL, ToolsProvider, type PanelTools } from './setting';

const TRIGGERS = ['inbound', 'keyword', 'button', 'manual', 'api', 'closing', 'scheduled'] as const;
type TriggerKind = (typeof TRIGGERS)[number];

/** The flow itself: what starts it, its variables, and settings that hold for all of it. */
export function FlowPanel({ problems }: { problems: Flow['problems'] }) {
  const say = useSay();
  const language = useLanguage();
  const editor = useEditor();
  const doc = useDoc();
  const tools = useMemo(
    (): PanelTools => ({
      set: (path, value) => editor.apply(setFlow(editor.doc, path, value)),
      problemsAt: (path) =>
        problems.flatMap((problem) => {
          const spot = spotOf(problem.pointer);
          return spot.node === undefined && same(spot.path, path) ? [{ text: problem.text[language] ?? problem.code, severity: problem.severity }] : [];
        }),
    }),
    [editor, problems, language],
  );
  return (
    <ToolsProvider value={tools}>
      <div className="space-y-6">
        <Triggers />
        <Variables />
        <section className="space-y-3 border-t border-line pt-4">
          <h3 className="text-sm font-semibold">{say('flow.settings')}</h3>
          <Folded words="panel.more">
            <PartFields part="flow_settings" value={doc.settings ?? {}} path={['settings']} without={WITHOUT} />
            <Defaults />
          </Folded>
        </section>
      </div>
    </ToolsProvider>
  );
}

const WITHOUT = ['defaults'];

function Triggers() {
  const say = useSay();
  const editor = useEditor();
  const doc = useDoc();
  const id = useId();
  const triggers = doc.triggers ?? [];
  const put = (next: readonly DocTrigger[]) => editor.apply(setFlow(editor.doc, ['triggers'], next));
  const add = (kind: TriggerKind) => {
    const settings = kind === 'keyword' ? { words: [] } : kind === 'button' ? { payloads: [] } : undefined;
    put([...triggers, { id: freeName(kind, new Set(triggers.map((each) => each.id))), kind, ...(settings && { settings }) }]);
  };
  return (
    <section aria-labelledby={`${id}-title`} className="space-y-3">
      <div>
        <h3 id={`${id}-title`} className="text-sm font-semibold">
          {say('entry.title')}
        </h3>
        <p className="text-xs text-pretty text-muted">{say('entry.help')}</p>
      </div>
      <ul className="space-y-2">
        {triggers.map((trigger, place) => {
          const kind = TRIGGERS.find((each) => each === trigger.kind);
          return (
            <li key={trigger.id} className="rounded-xl border border-line bg-surface">
              <div className="flex items-center py-0.5 pr-1 pl-3">
                <span className="min-w-0 flex-1 truncate text-sm font-medium">{kind ? say(`triggers.${kind}.name`) : trigger.kind}</span>
                <IconButton label={say('panel.take', { name: kind ? say(`triggers.${kind}.name`) : trigger.kind })} onClick={() => put(triggers.filter((each) => each !== trigger))}>
                  <Trash2 aria-hidden="true" className="size-4" />
                </IconButton>
              </div>
              <div className="space-y-3 border-t border-line p-3">
                {kind && <p className="text-xs text-pretty text-muted">{say(`triggers.${kind}.help`)}</p>}
                <PartFields part={`${trigger.kind}_trigger`} value={trigger.settings ?? {}} path={['triggers', place, 'settings']} />
                <div>
                  <label htmlFor={`${id}-${trigger.id}`} className="text-sm font-medium">
                    {say('entry.leadsTo')}
                  </label>
                  <select
                    id={`${id}-${trigger.id}`}
                    value={trigger.node ?? ''}
                    onChange={(event) => editor.apply(setFlow(editor.doc, ['triggers', place, 'node'], event.target.value === '' ? undefined : event.target.value))}
                    className={`mt-1 h-9 ${CONTROL}`}
                  >
                    <option value="">{say('entry.toStart')}</option>
                    <BlockOptions />
                  </select>
                </div>
              </div>
            </li>
          );
        })}
      </ul>
      <Menu
        label={say('entry.add')}
        align="start"
        trigger={
          <Button>
            <Plus aria-hidden="true" className="size-4" />
            {say('entry.add')}
          </Button>
        }
        items={TRIGGERS.map((kind) => ({ words: say(`triggers.${kind}.name`), hint: say(`triggers.${kind}.help`), onSelect: () => add(kind) }))}
      />
      {doc.nodes.length > 0 && (
        <div>
          <label htmlFor={`${id}-start`} className="text-sm font-medium">
            {say('entry.start')}
          </label>
          <select id={`${id}-start`} value={doc.start} onChange={(event) => editor.apply(setStart(editor.doc, event.target.value))} className={`mt-1 h-9 ${CONTROL}`}>
            {!doc.nodes.some((node) => node.id === doc.start) && <option value={doc.start}>{say('panel.noTarget')}</option>}
            <BlockOptions />
          </select>
        </div>
      )}
    </section>
  );
}

function Variables() {
  const { t } = useTranslation();
  const say = useSay();
  const editor = useEditor();
  const desk = useDesk();
  const doc = useDoc();
  const [open, setOpen] = useState<string>();
  const declared = doc.variables ?? [];
  const all = variablesOf(doc);
  return (
    <section className="space-y-3 border-t border-line pt-4">
      <div>
        <h3 className="text-sm font-semibold">{say('flow.variables')}</h3>
        <p className="text-xs text-pretty text-muted">{say('flow.variablesHelp')}</p>
      </div>
      {all.length > 0 && (
        <ul className="divide-y divide-line rounded-xl border border-line">
          {all.map(({ name, node }) => {
            const place = declared.findIndex((each) => each.name === name);
            const users = doc.nodes.filter((each) => usesVariable(each, name) || storedBy(each).some((stored) => stored.name === name));
            return (
              <li key={name} className="px-3 py-1.5">
                <button type="button" aria-expanded={open === name} onClick={() => setOpen(open === name ? undefined : name)} className="flex min-h-8 w-full items-center gap-2 text-left">
                  <code className="min-w-0 flex-1 truncate text-[0.8125rem] font-medium">{name}</code>
                  <span className="text-xs text-muted">{say('flow.uses', { count: users.length })}</span>
                </button>
                {open === name && (
                  <div className="space-y-3 pt-1 pb-2">
                    {users.length > 0 && (
                      <p className="flex flex-wrap gap-1">
                        {users.map((each) => (
                          <button key={each.id} type="button" onClick={() => desk.flyTo(each.id)} className="min-h-7 rounded-full bg-sunken px-2.5 text-xs font-medium hover:bg-accent-soft">
                            {titleOf(each, kindLook(t, each.kind).name)}
                          </button>
                        ))}
                      </p>
                    )}
                    {place >= 0 ? (
                      <>
                        <PartFields part="variable_spec" value={declared[place] ?? {}} path={['variables', place]} />
                        <button type="button" onClick={() => editor.apply(setFlow(editor.doc, ['variables'], declared.filter((_, at) => at !== place)))} className="text-xs font-medium text-bad hover:underline">
                          {say('flow.forgetVariable')}
                        </button>
                      </>
                    ) : (
                      node !== undefined && (
                        <button type="button" onClick={() => editor.apply(setFlow(editor.doc, ['variables'], [...declared, { name, type: 'any' }]))} className="inline-flex items-center gap-1 text-xs font-medium text-accent-strong hover:underline">
                          <Plus aria-hidden="true" className="size-3.5" />
                          {say('flow.declare')}
                        </button>
                      )
                    )}
                  </div>
                )}
              </li>
            );
          })}
        </ul>
      )}
      <AddButton
        words={say('flow.addVariable')}
        onClick={() => {
          const name = freeName('variavel', new Set(all.map((each) => each.name)));
          editor.apply(setFlow(editor.doc, ['variables'], [...declared, { name, type: 'text' }]));
          setOpen(name);
        }}
      />
    </section>
  );
}

const COMMON = ['*', 'invalid', 'timeout', 'failed', 'window_closed', 'other'] as const;

/** Where outputs lead that have no edge. */
function Defaults() {
  const { t } = useTranslation();
  const say = useSay();
  const editor = useEditor();
  const doc = useDoc();
  const id = useId();
  const defaults = isObject(doc.settings?.defaults) ? doc.settings.defaults : {};
  const outputs = [...new Set<string>([...COMMON, ...Object.keys(defaults)])];
  const path: Path = ['settings', 'defaults'];
  return (
    <div className="space-y-2" role="group" aria-labelledby={`${id}-title`}>
      <p id={`${id}-title`} className="text-sm font-medium">
        {say('flow.defaults')}
      </p>
      <p className="text-xs text-pretty text-muted">{say('flow.defaultsHelp')}</p>
      {outputs.map((output) => (
        <div key={output} className="flex items-center gap-2">
          <label htmlFor={`${id}-${output}`} className="w-28 shrink-0 truncate text-xs font-medium">
            {output === '*' ? say('flow.anyOutput') : output in { invalid: 1, timeout: 1, failed: 1, window_closed: 1, other: 1 } ? t(`outputs.${output as 'invalid'}`) : output}
          </label>
          <select
            id={`${id}-${output}`}
            value={typeof defaults[output] === 'string' ? defaults[output] : ''}
            onChange={(event) => editor.apply(setFlow(editor.doc, [...path, output], event.target.value === '' ? undefined : event.target.value))}
            className={`h-9 min-w-0 flex-1 ${CONTROL}`}
          >
            <option value="">{say('panel.noTarget')}</option>
            <BlockOptions />
          </select>
        </div>
      ))}
    </div>
  );
}

/** The flow's blocks, to choose one. */
function BlockOptions() {
  const { t } = useTranslation();
  return useDoc().nodes.map((node) => (
    <option key={node.id} value={node.id}>
      {titleOf(node, kindLook(t, node.kind).name)}
    </option>
  ));
}
