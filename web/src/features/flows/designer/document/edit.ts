import { at, isObject, nodeOf, same, withAt, type Doc, type DocNode, type Json, type Path, type Point } from './document';
import type { Edit } from './history';
import { mainOutput, outputsOf } from './outputs';
import { withPlaces, type Places } from './places';

/** What a new node begins as. */
export interface Seed {
  kind: string;
  name?: string;
  settings?: Json;
}

/** An output of a node. */
export interface From {
  node: string;
  output: string;
}

const ID_LENGTH = 64;

/** An id that no node has: the kind with a number, readable in logs and in Temporal. */
export function newId(doc: Doc, kind: string, taken: ReadonlySet<string> = new Set()): string {
  const used = new Set([...doc.nodes.map(({ id }) => id), ...taken]);
  const stem = kind.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, ID_LENGTH - 6) || 'node';
  for (let number = 1; ; number += 1) {
    const id = `${stem}_${number}`;
    if (!used.has(id)) return id;
  }
}

const called = (node: DocNode | undefined): { what?: string } => (node?.name ? { what: node.name } : {});

function withNode(doc: Doc, id: string, change: (node: DocNode) => DocNode): Doc {
  const nodes = doc.nodes.map((node) => (node.id === id ? change(node) : node));
  return nodes.every((node, place) => node === doc.nodes[place]) ? doc : { ...doc, nodes };
}

function withEdge(node: DocNode, output: string, target: string | undefined): DocNode {
  if (node.outputs?.[output] === target) return node;
  const outputs = { ...node.outputs };
  if (target === undefined) delete outputs[output];
  else outputs[output] = target;
  return { ...node, outputs };
}

const made = (id: string, seed: Seed): DocNode => ({ id, kind: seed.kind, ...(seed.name !== undefined && { name: seed.name }), ...(seed.settings && { settings: seed.settings }) });

/** Adds a node, led to from an output if one is given. The first node of a flow is its start. */
export function addNode(doc: Doc, seed: Seed, place: Point, from?: From): Edit & { id: string } {
  const id = newId(doc, seed.kind);
  let next: Doc = withPlaces({ ...doc, nodes: [...doc.nodes, made(id, seed)] }, { [id]: place });
  if (!nodeOf(doc, doc.start)) next = { ...next, start: id };
  if (from) next = withNode(next, from.node, (node) => withEdge(node, from.output, id));
  return { doc: next, did: 'add', ...called(made(id, seed)), id };
}

/** Puts a node on an edge: the output leads to it, and it goes on to where the output led. */
export function insertOnEdge(doc: Doc, from: From, seed: Seed, place: Point): Edit & { id: string } {
  const target = nodeOf(doc, from.node)?.outputs?.[from.output];
  const added = addNode(doc, seed, place, from);
  const node = nodeOf(added.doc, added.id);
  const way = node && mainOutput(node);
  if (target === undefined || way === undefined) return { ...added, did: 'insert' };
  return { ...added, doc: withNode(added.doc, added.id, (each) => withEdge(each, way, target)), did: 'insert' };
}

/** Leads an output to a node, or nowhere. */
export function connect(doc: Doc, from: From, target: string | undefined): Edit {
  if (target !== undefined && !nodeOf(doc, target)) return { doc, did: 'connect' };
  const next = withNode(doc, from.node, (node) => withEdge(node, from.output, target));
  return { doc: next, did: target === undefined ? 'disconnect' : 'connect', ...called(nodeOf(doc, from.node)) };
}

/** Makes a node the one a run begins with. */
export function setStart(doc: Doc, id: string): Edit {
  return { doc: nodeOf(doc, id) && doc.start !== id ? { ...doc, start: id } : doc, did: 'start', ...called(nodeOf(doc, id)) };
}

/** Where what led to a node leads once it is gone: its only way on, if it has just one and that stays. */
function healed(node: DocNode, gone: ReadonlySet<string>, byId: ReadonlyMap<string, DocNode>, seen = new Set<string>()): string | undefined {
  if (seen.has(node.id)) return undefined;
  seen.add(node.id);
  const targets = [...new Set(Object.values(node.outputs ?? {}))];
  const [target] = targets;
  if (targets.length !== 1 || target === undefined) return undefined;
  const next = byId.get(target);
  if (!next) return undefined;
  return gone.has(target) ? healed(next, gone, byId, seen) : target;
}

/** Takes nodes away. What led to one of them leads on to where it led, when that is just one place. */
export function removeNodes(doc: Doc, ids: readonly string[]): Edit {
  const gone = new Set(ids.filter((id) => nodeOf(doc, id)));
  if (gone.size === 0) return { doc, did: 'remove' };
  const byId = new Map(doc.nodes.map((node) => [node.id, node]));
  const onward = new Map([...gone].map((id) => [id, healed(byId.get(id)!, gone, byId)]));
  const lead = (target: string, self?: string) => {
    const to = gone.has(target) ? onward.get(target) : target;
    return to === self && gone.has(target) ? undefined : to;
  };
  const led = (edges: Readonly<Record<string, string>>, self?: string) =>
    Object.fromEntries(Object.entries(edges).flatMap(([output, target]) => (lead(target, self) === undefined ? [] : [[output, lead(target, self)!]])));
  const nodes = doc.nodes
    .filter(({ id }) => !gone.has(id))
    .map((node) => (node.outputs && Object.values(node.outputs).some((target) => gone.has(target)) ? { ...node, outputs: led(node.outputs, node.id) } : node));
  const places = isObject(doc.ui?.nodes) ? Object.fromEntries(Object.entries(doc.ui.nodes).filter(([id]) => !gone.has(id))) : undefined;
  let next: Doc = { ...doc, nodes, start: gone.has(doc.start) ? (lead(doc.start) ?? '') : doc.start, ...(places && { ui: { ...doc.ui, nodes: places } }) };
  if (doc.triggers) {
    next = { ...next, triggers: doc.triggers.map(({ node, ...rest }) => ({ ...rest, ...(node !== undefined && lead(node) !== undefined && { node: lead(node)! }) })) };
  }
  const defaults = doc.settings?.defaults;
  if (isObject(defaults)) {
    const kept = Object.fromEntries(Object.entries(defaults).filter(([, target]) => typeof target !== 'string' || !gone.has(target)));
    next = { ...next, settings: { ...doc.settings, defaults: kept } };
  }
  const only = gone.size === 1 ? byId.get([...gone][0]!) : undefined;
  return { doc: next, did: gone.size === 1 ? 'remove' : 'removeMany', ...(only ? called(only) : { what: String(gone.size) }) };
}

/** Gives a node another name; an empty one takes it away. */
export function renameNode(doc: Doc, id: string, name: string): Edit {
  const next = withNode(doc, id, (node) => {
    if ((node.name ?? '') === name) return node;
    // The name stays where people read it: behind id and kind.
    const { id: own, kind, ...others } = node;
    delete others.name;
    return { id: own, kind, ...(name !== '' && { name }), ...others };
  });
  return { doc: next, did: 'rename', ...(name !== '' && { what: name }), merge: `name ${id}` };
}

/** The ids of choices in a list, in their order. */
const idsIn = (value: unknown): string[] => (Array.isArray(value) ? value.flatMap((each) => (isObject(each) && typeof each.id === 'string' ? [each.id] : [])) : []);

/** Edges after settings changed: a choice that was given another id keeps its way, a choice that is gone loses it. */
function keptEdges(before: DocNode, after: DocNode, renamed?: { from: string; to: string }): DocNode {
  if (!after.outputs) return after;
  const was = new Set(outputsOf(before).map(({ name }) => name));
  const is = new Set(outputsOf(after).map(({ name }) => name));
  const entries = Object.entries(after.outputs).flatMap(([output, target]): [string, string][] => {
    if (renamed && output === renamed.from && was.has(output) && !is.has(output) && is.has(renamed.to)) return [[renamed.to, target]];
    return was.has(output) && !is.has(output) ? [] : [[output, target]];
  });
  const outputs = Object.fromEntries(entries);
  return same(outputs, after.outputs) ? after : { ...after, outputs };
}

/** Changes one setting of a node; undefined takes it away. Everything else in the settings stays as it is. */
export function setField(doc: Doc, id: string, path: Path, value: unknown): Edit {
  const next = withNode(doc, id, (node) => {
    const old = at(node.settings, path);
    if (same(old, value)) return node;
    const after = { ...node, settings: withAt(node.settings ?? {}, path, value) as Json };
    const renames = path.at(-1) === 'id' && typeof old === 'string' && typeof value === 'string';
    return keptEdges(node, after, renames ? { from: old, to: value } : undefined);
  });
  return { doc: next, did: 'field', ...called(nodeOf(doc, id)), merge: `field ${id} ${path.join('/')}` };
}

/** Changes something of the flow itself: its ways in, variables, settings. */
export function setFlow(doc: Doc, path: Path, value: unknown): Edit {
  if (same(at(doc, path), value)) return { doc, did: 'flow' };
  return { doc: withAt(doc, path, value) as Doc, did: 'flow', merge: `flow ${path.join('/')}` };
}

/** Moves things to other places. */
export function move(doc: Doc, places: Places, did: 'move' | 'tidy' | 'align' = 'move'): Edit {
  if (Object.keys(places).length === 0) return { doc, did };
  const next = withPlaces(doc, places);
  return { doc: same(next.ui, doc.ui) ? doc : next, did, ...(did === 'move' && { merge: `move ${Object.keys(places).sort().join(' ')}` }) };
}

/** A choice's id made of its title: letters that ids may have, and one that no other choice of the list has. */
export function choiceId(title: string, others: readonly string[], reserved: readonly string[] = []): string {
  const stem =
    title
      .normalize('NFD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '')
      .slice(0, 40) || 'opcao';
  const taken = new Set([...others, ...RESERVED, ...reserved]);
  if (!taken.has(stem)) return stem;
  for (let number = 2; ; number += 1) if (!taken.has(`${stem}_${number}`)) return `${stem}_${number}`;
}

/** Names of outputs that kinds share: no choice may be called so. */
const RESERVED = ['ok', 'invalid', 'timeout', 'failed', 'other', 'window_closed', 'cancelled', 'missing', 'paused', 'rejected', 'default'];

/** Adds a choice to a list of settings (options, branches, cases, replies) and tells its id. */
export function addChoice(doc: Doc, id: string, path: Path, title: string, rest: Json = {}, label = 'title'): Edit {
  const list = at(nodeOf(doc, id)?.settings, path);
  const items = Array.isArray(list) ? (list as unknown[]) : [];
  const edit = setField(doc, id, path, [...items, { id: choiceId(title, idsIn(items)), [label]: title, ...rest }]);
  return { doc: edit.doc, did: 'choice', ...(edit.what !== undefined && { what: edit.what }) };
}

/** A note on the canvas: words for other designers. */
export interface Note extends Point {
  id: string;
  text: string;
  width: number;
  height: number;
}

/** The notes of a document. */
export function notesOf(doc: Doc): Note[] {
  const notes = Array.isArray(doc.ui?.notes) ? doc.ui.notes : [];
  return notes.flatMap((each): Note[] => {
    if (!isObject(each) || typeof each.id !== 'string') return [];
    const number = (value: unknown, otherwise: number) => (typeof value === 'number' && Number.isFinite(value) ? value : otherwise);
    return [{ id: each.id, text: typeof each.text === 'string' ? each.text : '', x: number(each.x, 0), y: number(each.y, 0), width: number(each.width, 240), height: number(each.height, 120) }];
  });
}

/** Adds a note, changes one, or takes one away. */
export function setNote(doc: Doc, id: string, part: Partial<Note> | undefined): Edit {
  const notes = Array.isArray(doc.ui?.notes) ? (doc.ui.notes as unknown[]) : [];
  const place = notes.findIndex((each) => isObject(each) && each.id === id);
  if (part === undefined) {
    return place < 0 ? { doc, did: 'noteRemove' } : { doc: { ...doc, ui: { ...doc.ui, notes: notes.filter((_, index) => index !== place) } }, did: 'noteRemove' };
  }
  const next = place < 0 ? [...notes, { id, text: '', x: 0, y: 0, width: 240, height: 120, ...part }] : notes.map((each, index) => (index === place ? { ...(each as Json), ...part } : each));
  if (same(next, notes)) return { doc, did: 'note' };
  return { doc: { ...doc, ui: { ...doc.ui, notes: next } }, did: place < 0 ? 'noteAdd' : 'note', merge: `note ${id}` };
}

/** Pins what another system answers a node while the draft is tried, or takes the pin off. The engine ignores pins. */
export function setPin(doc: Doc, id: string, answer: Json | undefined): Edit {
  const pins = { ...(isObject(doc.ui?.pins) ? doc.ui.pins : {}) };
  if (same(pins[id], answer)) return { doc, did: 'pin' };
  if (answer === undefined) delete pins[id];
  else pins[id] = answer;
  return { doc: { ...doc, ui: { ...doc.ui, pins } }, did: answer === undefined ? 'unpin' : 'pin', ...called(nodeOf(doc, id)) };
}
