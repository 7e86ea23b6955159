import {
  applyNodeChanges,
  BaseEdge,
  EdgeLabelRenderer,
  getBezierPath,
  MarkerType,
  ReactFlow,
  SelectionMode,
  useReactFlow,
  type Connection,
  type Edge,
  type EdgeProps,
  type FinalConnectionState,
  type NodeChange,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { Plus, Trash2 } from 'lucide-react';
import { memo, useCallback, useImperativeHandle, useMemo, useRef, useState, type DragEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { CanvasTools, toolNames } from '../canvas-tools';
import { kindLook } from '../kinds';
import { useDesk } from './desk';
import { nodeOf, type Doc, type Point } from './document/document';
import { connect, move, notesOf, setStart, type From } from './document/edit';
import { waysOf } from './document/outputs';
import { ENTRY, GRID, guessedHeight, NODE_WIDTH, placesOf, type Places, type Sizes } from './document/places';
import { useDoc, useEditor } from './editor';
import { FACES, type Face } from './face';
import { titleOf } from './summary';
import { useSay } from './words';

/** What a thing of the palette is carried as. */
export const CARRIED = 'application/x-perene-preset';

type FlowEdge = Edge<{ from: From }, 'way'>;

const EDGE = { stroke: 'var(--line-strong)', strokeWidth: 1.75 };
const TRAVELLED = { stroke: 'var(--good)', strokeWidth: 3 };
const CHOSEN = { stroke: 'var(--accent)', strokeWidth: 2.5 };

/** An edge with its two buttons: put something on it, take it away. */
const Way = memo(function Way({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, selected, markerEnd, data }: EdgeProps<FlowEdge>) {
  const say = useSay();
  const desk = useDesk();
  const editor = useEditor();
  const [over, setOver] = useState(false);
  const [path, x, y] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition });
  const from = data?.from;
  const shown = (over || selected) && from !== undefined && from.node !== ENTRY;
  return (
    <g onPointerEnter={() => setOver(true)} onPointerLeave={() => setOver(false)}>
      <BaseEdge path={path} {...(markerEnd !== undefined && { markerEnd })} style={selected || over ? CHOSEN : from && desk.travelled?.has(`${from.node}:${from.output}`) ? TRAVELLED : EDGE} interactionWidth={24} />
      {shown && (
        <EdgeLabelRenderer>
          <div
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
            className="nodrag nopan pointer-events-auto absolute flex gap-1 rounded-full border border-line bg-raised p-0.5 shadow-card"
            onPointerEnter={() => setOver(true)}
            onPointerLeave={() => setOver(false)}
          >
            <button type="button" aria-label={say('canvas.insert')} title={say('canvas.insert')} onClick={() => desk.openInsert(from)} className="flex size-7 items-center justify-center rounded-full text-muted hover:bg-sunken hover:text-ink">
              <Plus aria-hidden="true" className="size-4" />
            </button>
            <button
              type="button"
              aria-label={say('canvas.cut')}
              title={say('canvas.cut')}
              onClick={() => editor.apply(connect(editor.doc, from, undefined))}
              className="flex size-7 items-center justify-center rounded-full text-muted hover:bg-sunken hover:text-bad"
            >
              <Trash2 aria-hidden="true" className="size-3.5" />
            </button>
          </div>
        </EdgeLabelRenderer>
      )}
    </g>
  );
});

const EDGES = { way: Way };

/** The faces of a document, where what did not change is the same object as before. */
function facesOf(doc: Doc, places: Places, before: readonly Face[], say: ReturnType<typeof useSay>, label: (doc: Doc, id: string) => string): Face[] {
  const old = new Map(before.map((face) => [face.id, face]));
  const at = (id: string): Point => places[id] ?? { x: 0, y: 0 };
  const placed = (id: string, same: boolean) => {
    const was = old.get(id);
    const { x, y } = at(id);
    return was && same && was.position.x === x && was.position.y === y ? was : undefined;
  };
  const faces: Face[] = [];
  const entry = old.get(ENTRY);
  const triggers = doc.triggers ?? EMPTY;
  const started = nodeOf(doc, doc.start) !== undefined;
  const sameEntry = entry?.type === 'entry' && entry.data.triggers === triggers && entry.data.started === started;
  faces.push(
    placed(ENTRY, sameEntry) ?? { ...entry, id: ENTRY, type: 'entry', position: at(ENTRY), data: { triggers, started }, deletable: false, ariaLabel: say('entry.title'), initialWidth: NODE_WIDTH, initialHeight: 96 },
  );
  for (const node of doc.nodes) {
    const was = old.get(node.id);
    const start = node.id === doc.start;
    const same = was?.type === 'flow' && was.data.node === node && was.data.start === start;
    faces.push(
      placed(node.id, same) ?? {
        ...was,
        id: node.id,
        type: 'flow',
        position: at(node.id),
        data: { node, start },
        ariaLabel: label(doc, node.id),
        initialWidth: NODE_WIDTH,
        initialHeight: guessedHeight(node),
      },
    );
  }
  for (const note of notesOf(doc)) {
    const was = old.get(note.id);
    const same = was?.type === 'note' && was.data.note.text === note.text && was.position.x === note.x && was.position.y === note.y;
    faces.push(same ? was : { ...was, id: note.id, type: 'note', position: { x: note.x, y: note.y }, data: { note }, zIndex: -1, ariaLabel: say('notes.label', { text: note.text.slice(0, 60) }), initialWidth: note.width, initialHeight: note.height });
  }
  return faces;
}

const EMPTY: never[] = [];

function edgesOf(doc: Doc): FlowEdge[] {
  const ids = new Set(doc.nodes.map(({ id }) => id));
  const edge = (from: From, target: string): FlowEdge => ({
    id: `${from.node}:${from.output}`,
    type: 'way',
    source: from.node,
    sourceHandle: from.output,
    target,
    data: { from },
    focusable: false,
    reconnectable: from.node === ENTRY ? false : 'target',
    markerEnd: { type: MarkerType.ArrowClosed, color: 'var(--line-strong)' },
  });
  const first = ids.has(doc.start) ? [edge({ node: ENTRY, output: ENTRY }, doc.start)] : [];
  return [...first, ...doc.nodes.flatMap((node) => waysOf(node).flatMap(({ name, target }) => (target !== undefined && ids.has(target) ? [edge({ node: node.id, output: name }, target)] : [])))];
}

/** What the canvas can be asked from outside. */
export interface CanvasHandle {
  /** The middle of what is shown, on the canvas. */
  middle: () => Point;
  /** Where things are and how large they are drawn. */
  places: () => Places;
  sizes: () => Sizes;
  select: (ids: readonly string[]) => void;
  flyTo: (id: string) => void;
  /** Moves the drawing as little as shows a node. */
  reveal: (id: string) => void;
  fit: () => void;
  zoom: (by: 'in' | 'out' | 'whole') => void;
  focus: (id: string) => void;
}

/** The drawing of the flow, to be edited. */
export function Canvas({
  handle,
  name,
  onSelect,
  onPick,
  onOpen,
  dropPreset,
}: {
  handle: React.RefObject<CanvasHandle | null>;
  name: string;
  onSelect: (ids: string[]) => void;
  /** An output was pulled into nothing: what should come there? */
  onPick: (from: From | undefined, place: Point) => void;
  onOpen: (id: string) => void;
  dropPreset: (preset: string, place: Point) => void;
}) {
  const { t } = useTranslation();
  const say = useSay();
  const editor = useEditor();
  const doc = useDoc();
  const flow = useReactFlow<Face, FlowEdge>();
  const frame = useRef<HTMLDivElement>(null);
  const label = useCallback(
    (of: Doc, id: string) => {
      const node = nodeOf(of, id);
      if (!node) return '';
      const kind = kindLook(t, node.kind).name;
      return `${kind}: ${titleOf(node, kind)}`;
    },
    [t],
  );

  const sizes = useCallback((): Sizes => new Map(flow.getNodes().flatMap(({ id, measured }) => (measured?.width && measured.height ? [[id, { width: measured.width, height: measured.height }]] : []))), [flow]);
  const [faces, setFaces] = useState<Face[]>(() => facesOf(doc, placesOf(doc), [], say, label));
  const [drawn, setDrawn] = useState({ doc, say });
  if (drawn.doc !== doc || drawn.say !== say) {
    setDrawn({ doc, say });
    setFaces((before) => facesOf(doc, placesOfDoc(doc, before), before, say, label));
  }
  const edges = useMemo(() => edgesOf(doc), [doc]);

  const onNodesChange = useCallback(
    (changes: NodeChange<Face>[]) => {
      setFaces((before) => applyNodeChanges(changes, before));
      const places: Places = {};
      for (const change of changes) if (change.type === 'position' && change.dragging === false && change.position) places[change.id] = change.position;
      if (Object.keys(places).length > 0) editor.apply(moved(editor.doc, places));
    },
    [editor],
  );

  const onConnect = useCallback(
    ({ source, sourceHandle, target }: Connection) => {
      if (source === ENTRY) editor.apply(setStart(editor.doc, target));
      else if (sourceHandle !== null && target !== ENTRY) editor.apply(connect(editor.doc, { node: source, output: sourceHandle }, target));
    },
    [editor],
  );

  const onConnectEnd = useCallback(
    (event: MouseEvent | TouchEvent, { isValid, fromNode, fromHandle, toNode }: FinalConnectionState) => {
      if (isValid || !fromNode || fromHandle?.type !== 'source' || toNode) return;
      const at = 'changedTouches' in event ? event.changedTouches[0] : event;
      if (!at) return;
      const place = flow.screenToFlowPosition({ x: at.clientX, y: at.clientY });
      // A press without a pull is the handle's own click.
      if (Math.hypot(place.x - (fromHandle.x + fromNode.position.x), place.y - (fromHandle.y + fromNode.position.y)) < 24) return;
      onPick(fromNode.id === ENTRY ? undefined : { node: fromNode.id, output: fromHandle.id ?? '' }, { x: place.x, y: place.y - 28 });
    },
    [flow, onPick],
  );

  useImperativeHandle(
    handle,
    () => ({
      middle: () => {
        const box = frame.current?.getBoundingClientRect();
        return flow.screenToFlowPosition({ x: (box?.left ?? 0) + (box?.width ?? 800) / 2 - NODE_WIDTH / 2, y: (box?.top ?? 0) + (box?.height ?? 600) / 3 });
      },
      places: () => Object.fromEntries(flow.getNodes().map(({ id, position }) => [id, position])),
      sizes,
      select: (ids) => {
        const chosen = new Set(ids);
        setFaces((before) => before.map((face) => (Boolean(face.selected) === chosen.has(face.id) ? face : { ...face, selected: chosen.has(face.id) })));
        onSelect([...ids]);
      },
      flyTo: (id) => {
        const node = flow.getNode(id);
        if (!node) return;
        const { width = NODE_WIDTH, height = 140 } = node.measured ?? {};
        void flow.setCenter(node.position.x + width / 2, node.position.y + height / 2, { zoom: Math.max(0.8, Math.min(1, flow.getZoom())), duration: still() ? 0 : 300 });
      },
      reveal: (id) => {
        const node = flow.getNode(id);
        const box = frame.current?.getBoundingClientRect();
        if (!node || !box) return;
        const { x, y, zoom } = flow.getViewport();
        const { width = NODE_WIDTH, height = 140 } = node.measured ?? {};
        const off = (from: number, length: number, room: number) => (from < MARGIN ? MARGIN - from : from + length > room - MARGIN ? Math.max(room - MARGIN - from - length, MARGIN - from) : 0);
        const dx = off(node.position.x * zoom + x, width * zoom, box.width);
        const dy = off(node.position.y * zoom + y, height * zoom, box.height);
        if (dx !== 0 || dy !== 0) void flow.setViewport({ x: x + dx, y: y + dy, zoom }, { duration: still() ? 0 : 200 });
      },
      fit: () => void flow.fitView({ padding: 0.15, maxZoom: 1, duration: still() ? 0 : 200 }),
      zoom: (by) => {
        const options = { duration: still() ? 0 : 120 };
        if (by === 'in') void flow.zoomIn(options);
        else if (by === 'out') void flow.zoomOut(options);
        else void flow.zoomTo(1, options);
      },
      focus: (id) => frame.current?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.focus({ preventScroll: true }),
    }),
    [flow, sizes, onSelect],
  );

  const selection = useRef('');
  const onSelectionChange = useCallback(
    ({ nodes }: { nodes: Face[] }) => {
      const ids = nodes.map(({ id }) => id);
      const key = ids.join(' ');
      if (key === selection.current) return;
      selection.current = key;
      onSelect(ids);
    },
    [onSelect],
  );

  const begin = useMemo(() => {
    const places = placesOf(editor.doc);
    const points = Object.values(places);
    const width = Math.max(...points.map(({ x }) => x)) - Math.min(...points.map(({ x }) => x)) + NODE_WIDTH;
    const entry = places[ENTRY] ?? { x: 0, y: 0 };
    // What does not fit readably begins at the beginning.
    return width > 2200 ? { x: 60 - entry.x * 0.85, y: 220 - entry.y * 0.85, zoom: 0.85 } : undefined;
  }, [editor]);

  return (
    // Things of the palette are dropped here, and Enter on a node opens it: the nodes inside have the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={frame}
      role="region"
      aria-label={t('flows.graphLabel', { name })}
      className="h-full w-full"
      onDragOver={(event: DragEvent) => {
        if (!event.dataTransfer.types.includes(CARRIED)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
      }}
      onDrop={(event: DragEvent) => {
        const preset = event.dataTransfer.getData(CARRIED);
        if (preset === '') return;
        event.preventDefault();
        const { x, y } = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
        dropPreset(preset, { x: x - NODE_WIDTH / 2, y: y - 28 });
      }}
      onKeyDown={(event) => {
        const id = event.target instanceof Element ? event.target.closest<HTMLElement>('.react-flow__node')?.dataset.id : undefined;
        if (event.key !== 'Enter' || id === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        event.stopPropagation();
        onOpen(id);
      }}
    >
      <ReactFlow<Face, FlowEdge>
        nodes={faces}
        edges={edges}
        nodeTypes={FACES}
        edgeTypes={EDGES}
        onNodesChange={onNodesChange}
        onConnect={onConnect}
        onConnectEnd={onConnectEnd}
        onReconnect={(_, connection) => onConnect(connection)}
        onSelectionChange={onSelectionChange}
        onNodeDoubleClick={(_, node) => onOpen(node.id)}
        isValidConnection={({ source, target }) => target !== ENTRY && !(source === ENTRY && target === ENTRY)}
        connectOnClick={false}
        fitView={begin === undefined}
        {...(begin && { defaultViewport: begin })}
        fitViewOptions={{ padding: 0.2, maxZoom: 1 }}
        minZoom={0.1}
        maxZoom={1.75}
        snapToGrid
        snapGrid={[GRID, GRID]}
        panOnScroll
        selectionOnDrag={false}
        selectionKeyCode="Shift"
        selectionMode={SelectionMode.Partial}
        multiSelectionKeyCode={['Meta', 'Control', 'Shift']}
        deleteKeyCode={null}
        zoomOnDoubleClick={false}
        connectionRadius={32}
        onlyRenderVisibleElements={doc.nodes.length > 80}
        ariaLabelConfig={{
          'node.a11yDescription.default': say('canvas.nodeHelp'),
          'node.a11yDescription.keyboardDisabled': say('canvas.nodeHelp'),
          'node.a11yDescription.ariaLiveMessage': ({ x, y }) => say('canvas.movedTo', { x: Math.round(x), y: Math.round(y) }),
          'edge.a11yDescription.default': say('canvas.edgeHelp'),
          ...toolNames(t),
          'handle.ariaLabel': say('canvas.handle'),
        }}
      >
        <CanvasTools />
      </ReactFlow>
    </div>
  );
}

/** Where a document's things are, when some already are on the canvas. */
function placesOfDoc(doc: Doc, before: readonly Face[]): Places {
  const shown = Object.fromEntries(before.filter(({ type }) => type !== 'note').map(({ id, position }) => [id, position]));
  return placesOf({ ...doc, ui: { ...doc.ui, nodes: { ...shown, ...(doc.ui?.nodes as object | undefined) } } });
}

/** Moves nodes and notes. */
function moved(doc: Doc, places: Places) {
  const notes = new Set(notesOf(doc).map(({ id }) => id));
  const nodes = Object.fromEntries(Object.entries(places).filter(([id]) => !notes.has(id)));
  const edit = move(doc, nodes);
  const listed = Array.isArray(doc.ui?.notes) ? (doc.ui.notes as { id?: unknown }[]) : [];
  if (!Object.keys(places).some((id) => notes.has(id))) return edit;
  const next = listed.map((note) => (typeof note.id === 'string' && places[note.id] ? { ...note, x: places[note.id]!.x, y: places[note.id]!.y } : note));
  return { ...edit, doc: { ...edit.doc, ui: { ...edit.doc.ui, notes: next } }, merge: `move ${Object.keys(places).sort().join(' ')}` };
}

/** How far from the border a revealed node stands. */
const MARGIN = 40;

/** Whether the reader wants no motion. */
function still(): boolean {
  return typeof matchMedia === 'function' && matchMedia('(prefers-reduced-motion: reduce)').matches;
}
