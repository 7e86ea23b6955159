import { Graph, layout } from '@dagrejs/dagre';
import { isObject, type Doc, type DocNode, type Json, type Point } from './document';
import { waysOf } from './outputs';

/** How wide a node is drawn. */
export const NODE_WIDTH = 264;
/** The grid that things snap to. */
export const GRID = 8;
/** The id of the face that stands for the ways in. No node can have it: a node's id has no colon. */
export const ENTRY = ':entry';

/** Where a thing is: its top left corner. */
export type Places = Record<string, Point>;
/** How large things are drawn, where that is known. */
export type Sizes = ReadonlyMap<string, { width: number; height: number }>;

const isPoint = (value: unknown): value is Point => isObject(value) && Number.isFinite(value.x) && Number.isFinite(value.y);

/** The places that a document keeps. */
export function keptPlaces(doc: Doc): Places {
  const kept = isObject(doc.ui?.nodes) ? doc.ui.nodes : {};
  return Object.fromEntries(Object.entries(kept).flatMap(([id, place]) => (isPoint(place) ? [[id, { x: place.x, y: place.y }]] : [])));
}

/** The document with places kept in it. Other things that its layout holds stay. */
export function withPlaces(doc: Doc, places: Places): Doc {
  const nodes: Json = isObject(doc.ui?.nodes) ? { ...doc.ui.nodes } : {};
  for (const [id, { x, y }] of Object.entries(places)) nodes[id] = { ...(isObject(nodes[id]) ? nodes[id] : {}), x: Math.round(x), y: Math.round(y) };
  return { ...doc, ui: { ...doc.ui, nodes } };
}

/** A place on the grid. */
export function snapped({ x, y }: Point): Point {
  return { x: Math.round(x / GRID) * GRID, y: Math.round(y / GRID) * GRID };
}

/** Roughly how high a node is drawn, before it has been. */
export function guessedHeight(node: DocNode): number {
  const shown = waysOf(node).filter((way) => !way.quiet || way.target !== undefined).length;
  const settings = node.settings ?? {};
  const words = JSON.stringify(settings.text ?? settings.items ?? '').length;
  return 72 + Math.min(160, Math.ceil(words / 34) * 18) + shown * 30;
}

/** Lays nodes out from left to right, the entry first. With only, the others stay out of it. */
export function tidied(doc: Doc, sizes: Sizes, only?: ReadonlySet<string>): Places {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 40, ranksep: 96 });
  graph.setDefaultEdgeLabel(() => ({}));
  const nodes = doc.nodes.filter(({ id }) => !only || only.has(id));
  const entry = !only || only.has(ENTRY);
  if (entry) graph.setNode(ENTRY, { width: NODE_WIDTH, height: sizes.get(ENTRY)?.height ?? 96 });
  for (const node of nodes) graph.setNode(node.id, { width: NODE_WIDTH, height: sizes.get(node.id)?.height ?? guessedHeight(node) });
  if (entry && graph.hasNode(doc.start)) graph.setEdge(ENTRY, doc.start, { weight: 4 }, ENTRY);
  for (const node of nodes) {
    waysOf(node).forEach(({ name, target }, place) => {
      if (target !== undefined && target !== node.id && graph.hasNode(target)) graph.setEdge(node.id, target, { weight: place === 0 ? 2 : 1 }, name);
    });
  }
  layout(graph);
  const ids = [...(entry ? [ENTRY] : []), ...nodes.map(({ id }) => id)];
  return Object.fromEntries(
    ids.map((id) => {
      const { x, y, width, height } = graph.node(id) as { x: number; y: number; width: number; height: number };
      return [id, snapped({ x: x - width / 2, y: y - height / 2 })];
    }),
  );
}

/** The same places with the named ones moved so that their top left corner stays where it was. */
export function tidiedAround(doc: Doc, sizes: Sizes, only: ReadonlySet<string>, now: Places): Places {
  const next = tidied(doc, sizes, only);
  const corner = (places: Places) => {
    const points = [...only].flatMap((id) => places[id] ?? []);
    return { x: Math.min(...points.map(({ x }) => x)), y: Math.min(...points.map(({ y }) => y)) };
  };
  const from = corner(next);
  const to = corner(now);
  return Object.fromEntries(Object.entries(next).map(([id, { x, y }]) => [id, snapped({ x: x - from.x + to.x, y: y - from.y + to.y })]));
}

/** Where everything is drawn. A document without places is laid out. A node without a place stands beside what leads to it. */
export function placesOf(doc: Doc, sizes: Sizes = new Map()): Places {
  const kept = keptPlaces(doc);
  const missing = doc.nodes.filter(({ id }) => !kept[id]);
  if (missing.length === 0 && kept[ENTRY]) return kept;
  if (missing.length === doc.nodes.length) return tidied(doc, sizes);
  const places = { ...kept };
  for (const node of missing) {
    const before = doc.nodes.find((each) => places[each.id] && Object.values(each.outputs ?? {}).includes(node.id));
    const from = before && places[before.id];
    places[node.id] = freePlace(places, from ? { x: from.x + NODE_WIDTH + 96, y: from.y } : below(places));
  }
  const start = places[doc.start];
  places[ENTRY] ??= start ? { x: start.x - NODE_WIDTH - 96, y: start.y } : { x: 0, y: 0 };
  return places;
}

function below(places: Places): Point {
  const points = Object.values(places);
  return { x: Math.min(0, ...points.map(({ x }) => x)), y: Math.max(0, ...points.map(({ y }) => y)) + 240 };
}

const TAKEN = 160;

/** The wanted place, or the next one below it where nothing stands. */
export function freePlace(places: Places, wanted: Point): Point {
  let place = snapped(wanted);
  const taken = ({ x, y }: Point) => Object.values(places).some((other) => Math.abs(other.x - x) < NODE_WIDTH && Math.abs(other.y - y) < TAKEN);
  for (let tries = 0; tries < 200 && taken(place); tries += 1) place = { x: place.x, y: place.y + TAKEN };
  return place;
}

/** Which edge or middle things are aligned to. */
export type Alignment = 'left' | 'top' | 'centre' | 'middle' | 'columns' | 'rows';

/** Aligns or spreads things. Columns and rows have equal gaps between what stands first and last. */
export function aligned(places: Places, sizes: Sizes, ids: readonly string[], how: Alignment): Places {
  const boxes = ids.flatMap((id) => {
    const place = places[id];
    const size = sizes.get(id) ?? { width: NODE_WIDTH, height: 120 };
    return place ? [{ id, ...place, ...size }] : [];
  });
  if (boxes.length < 2) return {};
  const across = how === 'left' || how === 'centre' || how === 'columns';
  const start = across ? ('x' as const) : ('y' as const);
  const length = across ? ('width' as const) : ('height' as const);
  const least = Math.min(...boxes.map((box) => box[start]));
  const most = Math.max(...boxes.map((box) => box[start] + box[length]));
  const move = (box: (typeof boxes)[number], to: number): [string, Point] => [box.id, across ? { x: to, y: box.y } : { x: box.x, y: to }];
  if (how === 'left' || how === 'top') return Object.fromEntries(boxes.map((box) => move(box, least)));
  if (how === 'centre' || how === 'middle') return Object.fromEntries(boxes.map((box) => move(box, Math.round((least + most) / 2 - box[length] / 2))));
  const sorted = [...boxes].sort((a, b) => a[start] - b[start]);
  const gap = (most - least - sorted.reduce((sum, box) => sum + box[length], 0)) / (sorted.length - 1);
  let next = least;
  return Object.fromEntries(
    sorted.map((box) => {
      const here = next;
      next += box[length] + gap;
      return move(box, Math.round(here));
    }),
  );
}
