import { isObject, same, withAt, type Doc, type DocNode, type DocVariable, type Json, type Point } from './document';
import { newId, notesOf, type Note } from './edit';
import type { Edit } from './history';
import { keptPlaces, snapped, withPlaces, type Places } from './places';
import { renamedVariable, storedBy, usesVariable, variablesOf } from './variables';

const MARK = 'perene/flow-nodes';

/** Nodes as they travel between flows, tabs and accounts. Secrets are names in them, never values. */
export interface Clip {
  type: typeof MARK;
  version: 1;
  nodes: DocNode[];
  places: Places;
  notes: Note[];
  variables: DocVariable[];
}

/** The chosen nodes with the variables that they use. */
export function copied(doc: Doc, places: Places, ids: readonly string[]): Clip {
  const chosen = new Set(ids);
  const nodes = doc.nodes.filter(({ id }) => chosen.has(id));
  return {
    type: MARK,
    version: 1,
    nodes,
    places: Object.fromEntries(nodes.flatMap(({ id }) => (places[id] ? [[id, places[id]]] : []))),
    notes: notesOf(doc).filter(({ id }) => chosen.has(id)),
    variables: (doc.variables ?? []).filter(({ name }) => nodes.some((node) => usesVariable(node, name))),
  };
}

/** What a clipboard's text holds; undefined when it is something else. */
export function readClip(text: string): Clip | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || value.type !== MARK || !Array.isArray(value.nodes)) return undefined;
  const nodes = value.nodes.filter((each): each is DocNode => isObject(each) && typeof each.id === 'string' && typeof each.kind === 'string');
  const shaped = nodes.map((node) => ({
    ...node,
    ...(node.settings !== undefined && { settings: isObject(node.settings) ? node.settings : {} }),
    ...(node.outputs !== undefined && {
      outputs: Object.fromEntries(Object.entries(isObject(node.outputs) ? (node.outputs as Json) : {}).filter((edge): edge is [string, string] => typeof edge[1] === 'string')),
    }),
  }));
  const variables = Array.isArray(value.variables) ? value.variables.filter((each): each is DocVariable => isObject(each) && typeof each.name === 'string') : [];
  const ui = { nodes: isObject(value.places) ? value.places : {}, notes: Array.isArray(value.notes) ? value.notes : [] };
  const whole: Doc = { name: '', start: '', nodes: shaped, ui };
  return { type: MARK, version: 1, nodes: shaped, places: keptPlaces(whole), notes: notesOf(whole), variables };
}

/** A name that no variable has. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let number = 2; ; number += 1) if (!taken.has(`${name}_${number}`)) return `${name}_${number}`;
}

/** Variables of a clip that mean something else in this flow, with the names that they get here. */
export function collisions(doc: Doc, clip: Clip): Map<string, string> {
  const here = new Map(variablesOf(doc).map((each) => [each.name, each]));
  const taken = new Set(here.keys());
  const renamed = new Map<string, string>();
  for (const each of clip.variables) {
    const other = doc.variables?.find(({ name }) => name === each.name);
    const stored = here.get(each.name);
    const clash = other ? !same(other, each) : stored !== undefined && stored.type !== (each.type ?? 'any') && stored.type !== 'any' && each.type !== 'any';
    if (!clash) continue;
    const name = freeName(each.name, taken);
    taken.add(name);
    renamed.set(each.name, name);
  }
  for (const { name, type } of clip.nodes.flatMap(storedBy)) {
    const other = here.get(name);
    if (renamed.has(name) || !other || other.type === type || other.type === 'any' || type === 'any') continue;
    const free = freeName(name, taken);
    taken.add(free);
    renamed.set(name, free);
  }
  return renamed;
}

/** Answers and visits are read by the id of their node: `answers.ask`, `visits.ask` and `visits("ask")`. */
const answersOf = (from: string, to: string) => (text: string) =>
  text.replaceAll(new RegExp(`\\b(answers\\.|visits\\.|visits\\(["'])${from.replace(/[-]/g, '\\-')}(?![\\w-])`, 'g'), (_, before: string) => before + to);

function withAnswers(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return (value as unknown[]).map((each) => withAnswers(each, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withAnswers(each, change)]));
}

/**
 * Puts a clip into a flow, its top left corner at a place. Ids that are taken change, edges and jumps among the nodes follow
 * them, other edges are dropped. Variables come along, and those that mean something else here are renamed.
 */
export function pasted(doc: Doc, clip: Clip, to: Point): Edit & { ids: string[]; renamed: Map<string, string> } {
  const renamed = collisions(doc, clip);
  const ids = new Map<string, string>();
  const taken = new Set<string>();
  for (const { id, kind } of clip.nodes) {
    const free = !doc.nodes.some((node) => node.id === id) && !taken.has(id) && /^[A-Za-z0-9_-]{1,64}$/.test(id);
    const next = free ? id : newId(doc, kind, taken);
    taken.add(next);
    ids.set(id, next);
  }
  const nodes = clip.nodes.map((node): DocNode => {
    let next: DocNode = { ...node, id: ids.get(node.id)! };
    if (node.outputs) {
      next.outputs = Object.fromEntries(Object.entries(node.outputs).flatMap(([output, target]) => (ids.has(target) ? [[output, ids.get(target)!]] : [])));
    }
    if (next.kind === 'jump' && isObject(next.settings) && typeof next.settings.node === 'string') {
      const target = ids.get(next.settings.node) ?? (doc.nodes.some(({ id }) => id === next.settings?.node) ? next.settings.node : undefined);
      next = { ...next, settings: withAt(next.settings, ['node'], target) as Json };
    }
    for (const [old, fresh] of ids) if (old !== fresh && next.settings) next = { ...next, settings: withAnswers(next.settings, answersOf(old, fresh)) as Json };
    for (const [old, fresh] of renamed) next = renamedVariable(next, old, fresh);
    return next;
  });
  const points = [...Object.values(clip.places), ...clip.notes];
  const corner = { x: Math.min(...points.map(({ x }) => x)), y: Math.min(...points.map(({ y }) => y)) };
  const shifted = ({ x, y }: Point) => (points.length === 0 ? to : snapped({ x: x - corner.x + to.x, y: y - corner.y + to.y }));
  const places = Object.fromEntries(clip.nodes.map(({ id }, place) => [ids.get(id)!, clip.places[id] ? shifted(clip.places[id]) : { x: to.x, y: to.y + place * 160 }]));
  const variables = [...(doc.variables ?? [])];
  for (const each of clip.variables) {
    const name = renamed.get(each.name) ?? each.name;
    if (!variables.some((other) => other.name === name)) variables.push({ ...each, name });
  }
  const notes = clip.notes.map((note, place) => ({ ...note, ...shifted(note), id: freeName(note.id, new Set([...notesOf(doc).map(({ id }) => id), ...clip.notes.slice(0, place).map(({ id }) => id)])) }));
  let next: Doc = { ...doc, nodes: [...doc.nodes, ...nodes], ...(variables.length > 0 && { variables }) };
  if (notes.length > 0) next = { ...next, ui: { ...next.ui, notes: [...(Array.isArray(next.ui?.notes) ? (next.ui.notes as unknown[]) : []), ...notes] } };
  if (!doc.nodes.some(({ id }) => id === doc.start) && nodes[0]) next = { ...next, start: nodes[0].id };
  next = withPlaces(next, places);
  return { doc: nodes.length + notes.length > 0 ? next : doc, did: 'paste', what: String(nodes.length + notes.length), ids: [...nodes, ...notes].map(({ id }) => id), renamed };
}

/** Copies of nodes beside them. */
export function duplicated(doc: Doc, places: Places, ids: readonly string[]): Edit & { ids: string[] } {
  const clip = copied(doc, places, ids);
  const points = [...Object.values(clip.places), ...clip.notes];
  const corner = points.length === 0 ? { x: 0, y: 0 } : { x: Math.min(...points.map(({ x }) => x)) + 40, y: Math.min(...points.map(({ y }) => y)) + 40 };
  const edit = pasted(doc, clip, corner);
  return { ...edit, did: 'duplicate' };
}
