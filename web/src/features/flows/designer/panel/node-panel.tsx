import { Copy, Flag, Trash2 } from 'lucide-react';
import { useId, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/button';
import { outputName } from '@/i18n/output-name';
import { flowKinds, type FlowNodeKind } from '@/api/flow.gen';
import { kindLook } from '../../kinds';
import { useDesk } from '../desk';
import { same, type DocNode } from '../document/document';
import { connect, removeNodes, renameNode, setField, setNote, setStart, type Note } from '../document/edit';
import { defaultTarget, leadingTo, waysOf } from '../document/outputs';
import { duplicated } from '../document/clipboard';
import { placesOf } from '../document/places';
import { spotOf } from '../document/problems';
import { useDoc, useEditor } from '../editor';
import { titleOf } from '../summary';
import { useLanguage, useSay } from '../words';
import { AskingFields, Folded, PartFields } from './fields';
import { CONTROL, Setting, ToolsProvider, type PanelTools } from './setting';
import { ASKING, waitsForReply } from './shown';

/** The settings of one node. */
export function NodePanel({ node }: { node: DocNode }) {
  const { t } = useTranslation();
  const say = useSay();
  const language = useLanguage();
  const editor = useEditor();
  const desk = useDesk();
  const doc = useDoc();
  const id = useId();
  const problems = desk.problemsOf(node.id);
  const { name: kind, icon: Icon, color } = kindLook(t, node.kind);
  const known = Object.hasOwn(flowKinds, node.kind) ? flowKinds[node.kind as FlowNodeKind] : undefined;
  const tools = useMemo(
    (): PanelTools => ({
      set: (path, value) => editor.apply(setField(editor.doc, node.id, path, value)),
      problemsAt: (path) =>
        problems.flatMap((problem) => {
          const spot = spotOf(problem.pointer);
          return spot.output === undefined && same(spot.path, path) ? [{ text: problem.text[language] ?? problem.code, severity: problem.severity }] : [];
        }),
    }),
    [editor, node.id, problems, language],
  );
  const settings = node.settings ?? {};
  const asking = waitsForReply(node.kind, settings);
  const filled = ASKING.filter((key) => settings[key] !== undefined).length;
  const about = problems.filter(({ pointer }) => spotOf(pointer).path.length === 0 && spotOf(pointer).output === undefined);
  return (
    <ToolsProvider value={tools}>
      <div className="space-y-5">
        <header className="flex items-start gap-2.5">
          <span className={`flex size-9 shrink-0 items-center justify-center rounded-lg ${color}`}>
            <Icon aria-hidden="true" className="size-5" />
          </span>
          <div className="min-w-0 flex-1">
            <p className="text-xs text-faint">{kind}</p>
            <label htmlFor={`${id}-name`} className="sr-only">
              {say('panel.name')}
            </label>
            <input
              id={`${id}-name`}
              data-path="name"
              value={node.name ?? ''}
              placeholder={kind}
              maxLength={80}
              onChange={(event) => editor.apply(renameNode(editor.doc, node.id, event.target.value))}
              className={`h-9 font-semibold ${CONTROL}`}
            />
          </div>
        </header>
        {known && <p className="text-xs text-pretty text-muted">{known.doc[language]}</p>}
        {!known && <p className="rounded-lg bg-warn-soft px-3 py-2 text-sm text-warn">{say('panel.unknownKind')}</p>}
        {about.length > 0 && (
          <ul className="space-y-1">
            {about.map((problem) => (
              <li key={problem.code} className="rounded-lg bg-warn-soft px-3 py-2 text-xs text-warn">
                {problem.text[language] ?? problem.code}
              </li>
            ))}
          </ul>
        )}
        <PartFields key={node.id} part={`${node.kind}_settings`} value={settings} path={[]} />
        {asking && (
          <Folded words="panel.asking" count={filled}>
            <AskingFields part={`${node.kind}_settings`} value={settings} />
          </Folded>
        )}
        <Outputs node={node} />
        <footer className="flex flex-wrap gap-1 border-t border-line pt-3">
          <IconButton label={say('panel.duplicate')} onClick={() => editor.apply(duplicated(editor.doc, placesOf(editor.doc), [node.id]))}>
            <Copy aria-hidden="true" className="size-4" />
          </IconButton>
          {doc.start !== node.id && (
            <IconButton label={say('panel.makeStart')} onClick={() => editor.apply(setStart(editor.doc, node.id))}>
              <Flag aria-hidden="true" className="size-4" />
            </IconButton>
          )}
          <IconButton label={say('panel.remove')} onClick={() => editor.apply(removeNodes(editor.doc, [node.id]))} className="ml-auto hover:!text-bad">
            <Trash2 aria-hidden="true" className="size-4" />
          </IconButton>
        </footer>
      </div>
    </ToolsProvider>
  );
}

/** Where each output leads, chosen from a list: the way of the keyboard. */
export function Outputs({ node }: { node: DocNode }) {
  const { t } = useTranslation();
  const say = useSay();
  const language = useLanguage();
  const editor = useEditor();
  const desk = useDesk();
  const doc = useDoc();
  const id = useId();
  const ways = waysOf(node);
  const problems = desk.problemsOf(node.id);
  const kind = (each: DocNode) => kindLook(t, each.kind).name;
  if (ways.length === 0) return null;
  const from = leadingTo(doc, node.id);
  return (
    <section aria-labelledby={`${id}-title`} className="space-y-2 border-t border-line pt-4">
      <h3 id={`${id}-title`} className="text-sm font-semibold">
        {say('panel.outputs')}
      </h3>
      <p className="text-xs text-pretty text-muted">{say('panel.outputsHelp')}</p>
      <ul className="space-y-2">
        {ways.map((way) => {
          const name = way.label === undefined || way.label.trim() === '' ? outputName(t, way.name) : way.label;
          const usual = defaultTarget(doc, way.name);
          const usualNode = usual === undefined ? undefined : doc.nodes.find((each) => each.id === usual);
          const said = problems.filter(({ pointer }) => spotOf(pointer).output === way.name);
          return (
            <li key={way.name} data-output={way.name}>
              <div className="flex items-center gap-2">
                <label htmlFor={`${id}-${way.name}`} className="w-28 shrink-0 truncate text-xs font-medium" title={name}>
                  {name}
                </label>
                <select
                  id={`${id}-${way.name}`}
                  value={way.target ?? ''}
                  onChange={(event) => {
                    if (event.target.value === NEW) desk.openPalette({ node: node.id, output: way.name });
                    else editor.apply(connect(editor.doc, { node: node.id, output: way.name }, event.target.value === '' ? undefined : event.target.value));
                  }}
                  className={`h-9 min-w-0 flex-1 ${CONTROL}`}
                >
                  <option value="">{usualNode ? say('panel.usualTarget', { name: titleOf(usualNode, kind(usualNode)) }) : way.quiet ? say('panel.quietTarget') : say('panel.noTarget')}</option>
                  {doc.nodes.map((each) => (
                    <option key={each.id} value={each.id}>
                      {titleOf(each, kind(each))}
                    </option>
                  ))}
                  {/* The last one: arrow keys pass through what is above. */}
                  <option value={NEW}>{say('panel.newTarget')}</option>
                </select>
              </div>
              {said.map((problem) => (
                <p key={problem.code} className={`mt-0.5 text-xs ${problem.severity === 'error' ? 'text-bad' : problem.severity === 'warning' ? 'text-warn' : 'text-muted'}`}>
                  {problem.text[language] ?? problem.code}
                </p>
              ))}
            </li>
          );
        })}
      </ul>
      {from.length > 0 && (
        <p className="text-xs text-muted">
          {say('panel.comesFrom')}{' '}
          {from.map(({ node: each, output }, place) => (
            <button key={`${each.id} ${output}`} type="button" onClick={() => desk.flyTo(each.id)} className="font-medium text-accent-strong underline-offset-2 hover:underline">
              {titleOf(each, kind(each))}
              {place < from.length - 1 ? ', ' : ''}
            </button>
          ))}
        </p>
      )}
    </section>
  );
}

const NEW = ':new';

/** The words of a note. */
export function NotePanel({ note }: { note: Note }) {
  const say = useSay();
  const editor = useEditor();
  return (
    <ToolsProvider value={NO_PROBLEMS}>
      <Setting name={say('notes.text')} help={say('notes.help')} path={['text']}>
        {(ids) => <textarea {...ids} rows={6} value={note.text} onChange={(event) => editor.apply(setNote(editor.doc, note.id, { text: event.target.value }))} className={`py-1.5 ${CONTROL}`} />}
      </Setting>
      <IconButton label={say('notes.remove')} onClick={() => editor.apply(setNote(editor.doc, note.id, undefined))} className="mt-3 hover:!text-bad">
        <Trash2 aria-hidden="true" className="size-4" />
      </IconButton>
    </ToolsProvider>
  );
}

const NO_PROBLEMS: PanelTools = { set: () => undefined, problemsAt: () => [] };
