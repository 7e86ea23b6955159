import { describe, expect, it } from 'vitest';
import { duplicated } from './clipboard';
import { changesBetween } from './changes';
import { nodeOf, readDoc, same, type Doc } from './document';
import { addNode, connect, insertOnEdge, move, removeNodes, renameNode, setField, setStart } from './edit';
import { begin, edited, redone, undone, type Edit } from './history';
import { outputsOf } from './outputs';
import { aligned, keptPlaces, placesOf, tidied } from './places';

/** Numbers that look like chance and are the same every time. */
function chance(seed: number) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return { below: (most: number) => Math.floor(next() * most), one: <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)]! };
}

const SEEDS = [
  { kind: 'menu', settings: { text: 'Oi', options: [{ id: 'a', title: 'A' }, { id: 'b', title: 'B' }], kept: { deep: [1] } } },
  { kind: 'content', settings: { items: [{ kind: 'text', text: 'Olá {x}' }] } },
  { kind: 'condition', settings: { rules: [{ variable: 'x', op: 'is_set' }] } },
  { kind: 'question', settings: { text: '?', save_to: 'x' } },
  { kind: 'end' },
];

function randomEdit(doc: Doc, { below, one }: ReturnType<typeof chance>): Edit {
  const node = doc.nodes.length > 0 ? one(doc.nodes) : undefined;
  const place = { x: below(2000), y: below(2000) };
  if (!node) return addNode(doc, one(SEEDS), place);
  const output = outputsOf(node)[below(6)]?.name ?? 'ok';
  switch (below(9)) {
    case 0:
      return addNode(doc, one(SEEDS), place, { node: node.id, output });
    case 1:
      return insertOnEdge(doc, { node: node.id, output }, one(SEEDS), place);
    case 2:
      return removeNodes(doc, [node.id, one(doc.nodes).id].slice(0, 1 + below(2)));
    case 3:
      return connect(doc, { node: node.id, output }, below(4) === 0 ? undefined : one(doc.nodes).id);
    case 4:
      return renameNode(doc, node.id, `Nome ${below(9)}`);
    case 5:
      return duplicated(doc, placesOf(doc), [node.id]);
    case 6:
      return setField(doc, node.id, ['options', below(2), 'id'], `id_${below(5)}`);
    case 7:
      return setStart(doc, node.id);
    default:
      return move(doc, { [node.id]: place });
  }
}

describe('any row of edits', () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))('keeps a document whole, and is taken back to where it began (%i)', (seed) => {
    const dice = chance(seed * 7919 + 1);
    const first: Doc = { name: 'F', start: '', nodes: [], later: { key: 1 }, ui: { zoom: 2 } };
    let history = begin(first);
    const seen: Doc[] = [first];
    for (let turn = 0; turn < 40; turn += 1) {
      const frozen = JSON.stringify(history.doc);
      const edit = randomEdit(history.doc, dice);
      expect(JSON.stringify(history.doc)).toBe(frozen); // the document it was given is as it was
      const next = edited(history, { ...edit, merge: `never the same ${turn}` }, 0);
      if (next !== history) seen.push(next.doc);
      history = next;
      const { doc } = history;
      const ids = doc.nodes.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const node of doc.nodes) for (const target of Object.values(node.outputs ?? {})) expect(ids).toContain(target);
      expect(doc.start === '' ? undefined : nodeOf(doc, doc.start)?.id).toBe(doc.start === '' ? undefined : doc.start);
      expect(Object.keys(keptPlaces(doc)).every((id) => ids.includes(id))).toBe(true);
      expect(doc.later).toEqual({ key: 1 });
      expect(doc.ui?.zoom).toBe(2);
      expect(readDoc(JSON.parse(JSON.stringify(doc)))).toEqual(doc);
    }
    for (const doc of [...seen].reverse()) {
      expect(history.doc).toBe(doc);
      history = undone(history);
    }
    for (const doc of seen.slice(1)) {
      history = redone(history);
      expect(history.doc).toBe(doc);
    }
    const last = seen.at(-1)!;
    expect(changesBetween(first, last).length === 0).toBe(same({ ...first, ui: {} }, { ...last, ui: {} }) && same(first.ui, last.ui));
  });
});

describe('places', () => {
  const dice = chance(5);
  let doc: Doc = { name: 'F', start: '', nodes: [] };
  for (let turn = 0; turn < 120; turn += 1) doc = randomEdit(doc, dice).doc;

  it('put everything somewhere, and nothing on top of something else', () => {
    const places = tidied(doc, new Map());
    expect(Object.keys(places).sort()).toEqual([':entry', ...doc.nodes.map(({ id }) => id)].sort());
    const points = Object.values(places);
    points.forEach((a, place) => points.slice(place + 1).forEach((b) => expect(Math.abs(a.x - b.x) < 200 && Math.abs(a.y - b.y) < 40).toBe(false)));
  });

  it('keep what a document says, and find a place for what it does not', () => {
    const some: Doc = { ...doc, ui: { nodes: { [doc.nodes[0]!.id]: { x: 800, y: 640 } } } };
    const places = placesOf(some);
    expect(places[doc.nodes[0]!.id]).toEqual({ x: 800, y: 640 });
    expect(Object.keys(places)).toHaveLength(doc.nodes.length + 1);
  });

  it('are aligned and spread', () => {
    const three = { a: { x: 0, y: 5 }, b: { x: 90, y: 700 }, c: { x: 30, y: 100 } };
    const sizes = new Map(Object.keys(three).map((id) => [id, { width: 100, height: 100 }]));
    expect(aligned(three, sizes, ['a', 'b', 'c'], 'left')).toEqual({ a: { x: 0, y: 5 }, b: { x: 0, y: 700 }, c: { x: 0, y: 100 } });
    const rows = aligned(three, sizes, ['a', 'b', 'c'], 'rows');
    expect([rows.a?.y, rows.c?.y, rows.b?.y]).toEqual([5, 353, 700]);
    expect(aligned(three, sizes, ['a'], 'left')).toEqual({});
  });
});
