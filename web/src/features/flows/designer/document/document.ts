/** Any JSON object. */
export type Json = Record<string, unknown>;

/** A node as the document has it. Keys that the designer does not know stay in it. */
export interface DocNode {
  id: string;
  kind: string;
  name?: string;
  settings?: Json;
  /** Output → id of the node it leads to. */
  outputs?: Record<string, string>;
  [key: string]: unknown;
}

/** A way in. */
export interface DocTrigger {
  id: string;
  kind: string;
  node?: string;
  settings?: Json;
  [key: string]: unknown;
}

/** A variable that the flow declares. */
export interface DocVariable {
  name: string;
  type?: string;
  [key: string]: unknown;
}

/** A whole flow. Keys that the designer does not know stay in it. */
export interface Doc {
  name: string;
  start: string;
  nodes: DocNode[];
  triggers?: DocTrigger[];
  variables?: DocVariable[];
  settings?: Json;
  ui?: Json;
  [key: string]: unknown;
}

/** A place on the canvas. */
export interface Point {
  x: number;
  y: number;
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isNode = (value: unknown): value is DocNode => isObject(value) && typeof value.id === 'string' && typeof value.kind === 'string';
const isTrigger = (value: unknown): value is DocTrigger => isObject(value) && typeof value.id === 'string' && typeof value.kind === 'string';
const isVariable = (value: unknown): value is DocVariable => isObject(value) && typeof value.name === 'string';
const all = <T>(value: unknown, each: (one: unknown) => one is T): value is T[] => Array.isArray(value) && value.every(each);

/**
 * A document that can be drawn, or undefined: a document whose shape the designer does not understand is never opened, so
 * that saving it loses nothing.
 */
export function readDoc(value: unknown): Doc | undefined {
  if (!isObject(value)) return undefined;
  const { nodes = [], triggers = [], variables = [], settings = {}, ui = {} } = value;
  const shaped = all(nodes, isNode) && all(triggers, isTrigger) && all(variables, isVariable) && isObject(settings) && isObject(ui);
  if (!shaped || nodes.some(({ outputs, settings: own }) => (own !== undefined && !isObject(own)) || (outputs !== undefined && !isEdges(outputs)))) return undefined;
  return { ...value, name: typeof value.name === 'string' ? value.name : '', start: typeof value.start === 'string' ? value.start : '', nodes };
}

function isEdges(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((target) => typeof target === 'string');
}

/** The node of an id. */
export function nodeOf(doc: Doc, id: string): DocNode | undefined {
  return doc.nodes.find((node) => node.id === id);
}

/** A step into a JSON value: a key, or a place in a list. */
export type Path = readonly (string | number)[];

/** What stands at a path. */
export function at(value: unknown, path: Path): unknown {
  let here = value;
  for (const step of path) {
    if (Array.isArray(here) && typeof step === 'number') here = (here as unknown[])[step];
    else if (isObject(here) && typeof step === 'string' && Object.hasOwn(here, step)) here = here[step];
    else return undefined;
  }
  return here;
}

/** The value with something else at a path. Undefined takes the key away, and what becomes an empty object stays. */
export function withAt(value: unknown, path: Path, next: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return next;
  if (typeof step === 'number') {
    const list = Array.isArray(value) ? [...(value as unknown[])] : [];
    if (rest.length === 0 && next === undefined) list.splice(step, 1);
    // A place behind the end is the end: a list has no holes.
    else list[Math.min(step, list.length)] = withAt(list[step], rest, next);
    return list;
  }
  const object = isObject(value) ? { ...value } : {};
  const changed = withAt(object[step], rest, next);
  if (changed === undefined) delete object[step];
  else object[step] = changed;
  return object;
}

/** Whether two JSON values say the same, whatever the order of their keys. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, place) => same(each, (b as unknown[])[place]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}
