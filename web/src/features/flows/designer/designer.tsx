import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { flowQuery, flowsQuery } from '@/api/queries/flows';
import { useMe } from '@/api/queries/sign-in';
import type { Flow } from '@/api/types';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { toast } from '@/components/toast';
import { LoadingRows } from '@/components/view-state';
import { kindLook } from '../kinds';
import type { DesignerSearch } from '../search';
import { Canvas, type CanvasHandle } from './canvas';
import { DeskProvider, type DesignerDesk } from './desk';
import { ConflictDialog, PublishDialog } from './dialogs';
import { duplicated } from './document/clipboard';
import { nodeOf, type Doc, type Point } from './document/document';
import { addNode, insertOnEdge, move, notesOf, setNote, type From } from './document/edit';
import { openOutput } from './document/outputs';
import { aligned, ENTRY, freePlace, NODE_WIDTH, placesOf, tidied, tidiedAround } from './document/places';
import { spotOf } from './document/problems';
import { EditorProvider, useDoc, useEditor, useHistory } from './editor';
import { EmptyCanvas } from './empty-canvas';
import { FindDialog } from './find-dialog';
import { DesignerHeader } from './header';
import type { Keeper, Keeping } from './keeper';
import { OutlineEditor } from './outline-editor';
import { Palette } from './palette';
import { FlowPanel } from './panel/flow-panel';
import { NodePanel, NotePanel } from './panel/node-panel';
import { ProblemsPanel } from './problems-panel';
import { presetOf, seedOf, type Preset } from './presets';
import { pinsOf, travelled, useTrial } from './simulator/trial';
import { SelectionBar } from './selection-bar';
import { titleOf } from './summary';
import { removed, useClipboard } from './use-clipboard';
import { useDesignerKeys } from './use-designer-keys';
import { useKeeping } from './use-keeping';
import { useMedia } from './use-media';
import { VersionsDialog } from './versions';
import { sayIn, useSay } from './words';

const Simulator = lazy(() => import('./simulator/simulator'));

/** Where the next thing of the palette goes. */
interface Asked {
  from?: From;
  insert?: boolean;
  place?: Point;
}

/** The designer: palette, canvas or outline, the settings of what is chosen, and what the linter says. */
export function Designer({ flow, doc, search, account }: { flow: Flow; doc: Doc; search: DesignerSearch; account: number }) {
  const { editor, keeper, keeping, problems } = useKeeping(flow, doc, account);
  return (
    <EditorProvider value={editor}>
      <Screen id={flow.id} first={flow} search={search} keeper={keeper} keeping={keeping} problems={problems} />
    </EditorProvider>
  );
}

function Screen({ id, first, search, keeper, keeping, problems }: { id: number; first: Flow; search: DesignerSearch; keeper: Keeper; keeping: Keeping; problems: Flow['problems'] }) {
  const { t } = useTranslation();
  const say = useSay();
  const navigate = useNavigate();
  const me = useMe();
  const editor = useEditor();
  const doc = useDoc();
  const { past } = useHistory();
  const flow = useQuery({ ...flowQuery(id), enabled: false }).data ?? first;
  const flows = useQuery(flowsQuery);
  const canvas = useRef<CanvasHandle>(null);
  const panel = useRef<HTMLElement>(null);
  const narrow = useMedia('(max-width: 47.99rem)');
  const wide = useMedia('(min-width: 80rem)');
  const [chosen, setChosen] = useState<readonly string[]>(search.no === undefined ? NONE : [search.no]);
  const [asked, setAsked] = useState<Asked>();
  const [open, setOpen] = useState<'find' | 'publish' | 'versions'>();
  const [showProblems, setShowProblems] = useState(false);
  const [sheet, setSheet] = useState(false);
  const [trying, setTrying] = useState(false);
  const trial = useTrial(id, doc, trying);
  // Which field of the panel gets the focus next.
  const [aim, setAim] = useState<{ path?: string; output?: string; turn: number }>();
  const view = search.ver ?? (narrow ? 'lista' : 'desenho');
  const only = chosen.length === 1 ? chosen[0] : undefined;
  const node = only === undefined ? undefined : nodeOf(doc, only);
  const note = only === undefined ? undefined : notesOf(doc).find((each) => each.id === only);

  const select = useCallback((ids: readonly string[]) => {
    setChosen(ids);
    canvas.current?.select(ids);
  }, []);
  const openPanel = useCallback(
    (which: string, path?: string, output?: string) => {
      select([which]);
      setSheet(true);
      setAim((before) => ({ turn: (before?.turn ?? 0) + 1, ...(path !== undefined && { path }), ...(output !== undefined && { output }) }));
    },
    [select],
  );
  const flyTo = useCallback(
    (which: string) => {
      select([which]);
      canvas.current?.flyTo(which);
      requestAnimationFrame(() => {
        canvas.current?.focus(which);
        document.querySelector(`[data-node="${CSS.escape(which)}"]`)?.scrollIntoView({ block: 'center' });
      });
    },
    [select],
  );

  // The panel is there after it was drawn.
  useEffect(() => {
    if (!aim) return;
    const before = document.activeElement;
    const timer = setTimeout(() => {
      const root = panel.current;
      if (!root) return;
      // Who was faster and is in a field already keeps it.
      if (document.activeElement !== before && root.contains(document.activeElement)) return;
      const controls = 'textarea, input:not([type=hidden]), select';
      const spot = aim.output !== undefined ? `[data-output="${CSS.escape(aim.output)}"]` : aim.path !== undefined && aim.path !== '' ? `[data-path="${CSS.escape(aim.path)}"]` : undefined;
      const target = (spot && root.querySelector(spot)) || undefined;
      const said = root.querySelector<HTMLElement>('[data-path="text"] textarea, [data-path$="/text"] textarea');
      // What a block says is what one writes first.
      const field = (target instanceof HTMLInputElement ? target : target?.querySelector<HTMLElement>(controls)) ?? said ?? root.querySelector<HTMLElement>(`[data-path]:not([data-path="name"]) :is(${controls})`) ?? root.querySelector<HTMLElement>(controls);
      field?.focus();
      target?.scrollIntoView({ block: 'center' });
    }, 60);
    return () => clearTimeout(timer);
  }, [aim]);

  const openPalette = useCallback((from: From | undefined) => setAsked({ ...(from && { from }) }), []);
  const played = trying ? trial.played : undefined;
  const way = useMemo(() => travelled(played), [played]);
  const pinned = useMemo(() => new Set(Object.keys(pinsOf(doc))), [doc]);
  const desk = useMemo(
    (): DesignerDesk => ({
      ...(played?.running && played.node !== undefined && { lit: played.node }),
      travelled: way,
      pinned,
      names: {
        nodeName: (which) => {
          const found = nodeOf(editor.doc, which);
          return found ? titleOf(found, kindLook(t, found.kind).name) : which;
        },
        flowName: (ref) => flows.data?.find((each) => String(each.id) === ref)?.name ?? ref,
      },
      problemsOf: (which) => problems.filter((problem) => problem.node === which),
      openPalette,
      openInsert: (from) => setAsked({ from, insert: true }),
      flyTo,
    }),
    [editor, t, flows.data, problems, openPalette, flyTo, played, way, pinned],
  );

  const middle = useCallback((): Point => canvas.current?.middle() ?? freePlace(placesOf(editor.doc), { x: 0, y: 0 }), [editor]);
  const add = useCallback(
    (preset: Preset, { from: given, insert = false, place: wanted }: Asked, fromChosen: boolean) => {
      const now = editor.doc;
      const places = { ...placesOf(now), ...canvas.current?.places() };
      const single = fromChosen && only !== undefined ? nodeOf(now, only) : undefined;
      const output = single && openOutput(single);
      const from = given ?? (single && output !== undefined ? { node: single.id, output } : undefined);
      const seed = seedOf(preset, sayIn(now.language === 'en' ? 'en' : 'pt-BR'));
      const source = from ? places[from.node] : places[ENTRY];
      const behind = source && (from || now.nodes.length === 0) ? { x: source.x + NODE_WIDTH + 96, y: source.y } : undefined;
      const spot = wanted ?? freePlace(places, behind ?? middle());
      const edit = insert && from ? insertOnEdge(now, from, seed, spot) : addNode(now, seed, spot, from);
      editor.apply(edit);
      setAsked(undefined);
      // The canvas knows the node after it was drawn.
      requestAnimationFrame(() => {
        openPanel(edit.id);
        canvas.current?.reveal(edit.id);
      });
    },
    [editor, only, middle, openPanel],
  );

  const tidy = useCallback(() => {
    const sizes = canvas.current?.sizes() ?? new Map<string, { width: number; height: number }>();
    const several = chosen.length > 1 ? new Set(chosen.filter((each) => nodeOf(editor.doc, each))) : undefined;
    const now = placesOf(editor.doc);
    editor.apply(move(editor.doc, several ? tidiedAround(editor.doc, sizes, several, now) : tidied(editor.doc, sizes), 'tidy'));
    if (!several) requestAnimationFrame(() => canvas.current?.fit());
  }, [editor, chosen]);
  const remove = useCallback(() => {
    const ids = chosen.filter((each) => each !== ENTRY);
    if (ids.length === 0) return;
    editor.apply(removed(editor.doc, ids));
    select([]);
  }, [editor, chosen, select]);
  const duplicate = useCallback(() => {
    if (chosen.length === 0) return;
    const edit = duplicated(editor.doc, { ...placesOf(editor.doc), ...canvas.current?.places() }, chosen);
    editor.apply(edit);
    requestAnimationFrame(() => select(edit.ids));
  }, [editor, chosen, select]);
  const addNote = useCallback(() => {
    const ids = new Set(notesOf(editor.doc).map((each) => each.id));
    let number = 1;
    while (ids.has(`note_${number}`)) number += 1;
    editor.apply(setNote(editor.doc, `note_${number}`, { ...middle(), width: 240, height: 96 }));
    requestAnimationFrame(() => openPanel(`note_${number}`));
  }, [editor, middle, openPanel]);
  const goTo = useCallback(
    (problem: Flow['problems'][number]) => {
      const spot = spotOf(problem.pointer);
      if (problem.node === undefined || !nodeOf(editor.doc, problem.node)) openPanel(ENTRY, spot.path.join('/'));
      else {
        flyTo(problem.node);
        openPanel(problem.node, spot.path.join('/'), spot.output);
      }
    },
    [editor, openPanel, flyTo],
  );
  const changeView = useCallback((ver: 'desenho' | 'lista') => void navigate({ to: '/fluxos/$id/editar', params: { id: String(id) }, search: { ver }, replace: true }), [navigate, id]);

  const step = useCallback(
    (by: 1 | -1) => {
      const all = [ENTRY, ...editor.doc.nodes.map((each) => each.id)];
      const place = only === undefined ? (by === 1 ? -1 : 0) : all.indexOf(only);
      flyTo(all[(place + by + all.length) % all.length]!);
    },
    [editor, only, flyTo],
  );
  const seen = useRef(0);
  useDesignerKeys({
    add: () => setAsked({}),
    find: () => setOpen('find'),
    remove,
    duplicate,
    tidy,
    note: addNote,
    rename: () => only !== undefined && openPanel(only, 'name'),
    undo: () => editor.undo(),
    redo: () => editor.redo(),
    save: () => void keeper.flush(),
    fit: () => canvas.current?.fit(),
    zoom: (by) => canvas.current?.zoom(by),
    all: () => select([...editor.doc.nodes.map((each) => each.id), ...notesOf(editor.doc).map((each) => each.id)]),
    next: () => step(1),
    previous: () => step(-1),
    open: () => only !== undefined && openPanel(only),
    problem: () => {
      setShowProblems(true);
      const problem = problems[seen.current % Math.max(1, problems.length)];
      seen.current += 1;
      if (problem) goTo(problem);
    },
    publish: () => setOpen('publish'),
    tryOut: () => setTrying(true),
    view: () => changeView(view === 'desenho' ? 'lista' : 'desenho'),
  });
  useClipboard(editor, chosen, middle, select, say);

  const settings =
    node !== undefined ? (
      <NodePanel key={node.id} node={node} />
    ) : note !== undefined ? (
      <NotePanel key={note.id} note={note} />
    ) : chosen.length > 1 ? (
      <p className="text-sm text-muted">{say('selection.many', { count: chosen.length })}</p>
    ) : (
      <FlowPanel problems={problems} />
    );
  const simulator = (
    <Suspense fallback={<LoadingRows rows={4} />}>
      <Simulator flow={id} trial={trial} chosen={node?.id} sheet={!wide} onClose={() => setTrying(false)} />
    </Suspense>
  );
  const settingsName = node ? say('panel.of', { name: titleOf(node, kindLook(t, node.kind).name) }) : say('panel.flow');
  const [stored] = useState(() => keeper.doc);

  return (
    <DeskProvider value={desk}>
      <div className="flex h-full min-h-0 flex-col">
        <DesignerHeader
          flow={flow}
          keeping={keeping}
          view={view}
          problems={problems}
          mayPublish={me.permissions.includes('flows:publish')}
          narrow={narrow}
          trying={trying}
          on={{ view: changeView, add: () => setAsked({}), find: () => setOpen('find'), tidy, note: addNote, problems: () => setShowProblems(!showProblems), versions: () => setOpen('versions'), publish: () => setOpen('publish'), tryOut: () => setTrying(!trying) }}
        />
        {keeping.state === 'conflict' && (
          <ConflictDialog
            keeping={keeping}
            stored={past[0]?.doc ?? stored}
            onMine={() => void keeper.keepMine()}
            onTheirs={() => {
              const theirs = keeper.takeTheirs();
              if (theirs) editor.apply({ doc: theirs, did: 'theirs' });
              toast({ words: say('conflict.took'), undo: () => editor.undo() });
            }}
          />
        )}
        {keeping.state === 'refused' && (
          <div role="alert" className="flex flex-wrap items-center gap-3 border-b border-line bg-bad-soft px-4 py-2 text-sm text-bad">
            <span className="min-w-0 flex-1">{say('saved.refusedHint')}</span>
            <Button onClick={() => keeper.retry()}>{t('app.retry')}</Button>
          </div>
        )}
        <div className="flex min-h-0 flex-1">
          {wide && trying && (
            <aside aria-label={say('try.title')} className="w-[22rem] shrink-0 border-r border-line">
              {simulator}
            </aside>
          )}
          {wide && !trying && view === 'desenho' && (
            <aside aria-label={say('palette.title')} className="flex w-56 shrink-0 flex-col border-r border-line bg-surface">
              <Palette onPick={(preset) => add(preset, {}, true)} />
            </aside>
          )}
          <div className="flex min-h-0 min-w-0 flex-1 flex-col">
            <div className="relative min-h-0 flex-1">
              {view === 'desenho' ? (
                <>
                  <Canvas
                    handle={canvas}
                    name={flow.name}
                    onSelect={setChosen}
                    onOpen={openPanel}
                    onPick={(from, place) => setAsked({ ...(from && { from }), place })}
                    dropPreset={(name, place) => {
                      const preset = presetOf(name);
                      if (preset) add(preset, { place }, false);
                    }}
                  />
                  {doc.nodes.length === 0 && <EmptyCanvas onPick={(preset) => add(preset, {}, false)} />}
                </>
              ) : (
                <OutlineEditor name={flow.name} chosen={only} onOpen={openPanel} />
              )}
              {chosen.length > 1 && view === 'desenho' && (
                <SelectionBar
                  count={chosen.length}
                  onAlign={(how) => editor.apply(move(editor.doc, aligned({ ...placesOf(editor.doc), ...canvas.current?.places() }, canvas.current?.sizes() ?? new Map(), chosen.filter((each) => nodeOf(editor.doc, each)), how), 'align'))}
                  onTidy={tidy}
                  onDuplicate={duplicate}
                  onRemove={remove}
                />
              )}
            </div>
            {showProblems && <ProblemsPanel problems={problems} onGo={goTo} onClose={() => setShowProblems(false)} />}
          </div>
          {!narrow && (
            // Escape leaves the settings for what they are of: the fields inside have the focus.
            // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
            <aside
              ref={panel}
              aria-label={settingsName}
              onKeyDown={(event) => {
                if (event.key !== 'Escape' || event.defaultPrevented || only === undefined) return;
                event.preventDefault();
                canvas.current?.focus(only);
                document.querySelector<HTMLElement>(`[data-node="${CSS.escape(only)}"]`)?.focus();
              }}
              className="w-[22rem] shrink-0 overflow-y-auto border-l border-line bg-surface p-4"
            >
              {settings}
            </aside>
          )}
        </div>
        {narrow && (
          <Dialog open={sheet && chosen.length === 1} onOpenChange={setSheet} title={settingsName} side="right">
            <div ref={panel as React.RefObject<HTMLDivElement>} className="px-5 pb-8">
              {settings}
            </div>
          </Dialog>
        )}
        {!wide && (
          <Dialog open={trying} onOpenChange={setTrying} title={say('try.title')} side="right">
            <div className="h-full min-h-[70dvh]">{trying && simulator}</div>
          </Dialog>
        )}
        {asked && (
          <Dialog open onOpenChange={(shown) => !shown && setAsked(undefined)} title={say(asked.insert ? 'palette.insertTitle' : 'palette.open')} lead={say('palette.lead')}>
            <div className="-mx-2 flex max-h-[60dvh] min-h-0 flex-col">
              <Palette focused carry={false} onPick={(preset) => add(preset, asked, true)} />
            </div>
          </Dialog>
        )}
        {open === 'find' && (
          <FindDialog
            onClose={() => setOpen(undefined)}
            onGo={(which) => {
              setOpen(undefined);
              // The dialog gives the focus back first.
              setTimeout(() => flyTo(which), 60);
            }}
          />
        )}
        {open === 'publish' && (
          <PublishDialog
            flow={flow}
            keeper={keeper}
            problems={problems}
            onClose={() => setOpen(undefined)}
            onProblems={() => {
              setOpen(undefined);
              setShowProblems(true);
            }}
          />
        )}
        {open === 'versions' && (
          <VersionsDialog
            flow={flow}
            onClose={() => setOpen(undefined)}
            onRestore={(number, graph) => {
              editor.apply({ doc: graph, did: 'restore', what: String(number) });
              setOpen(undefined);
              toast({ words: say('versions.restored', { number }), undo: () => editor.undo() });
            }}
          />
        )}
      </div>
    </DeskProvider>
  );
}

const NONE: readonly string[] = [];
