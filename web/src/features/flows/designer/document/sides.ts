import { isObject, same, type Doc, type DocNode } from './document';

/** A block in two documents, next to each other. One of the two may lack it. */
export interface Side {
  id: string;
  before?: DocNode;
  after?: DocNode;
  kind: 'added' | 'removed' | 'changed' | 'same';
  /** What differs inside a changed block. */
  lines: Line[];
}

/** One value that differs: where it stands, and what it was and is. */
export interface Line {
  path: string;
  before?: string;
  after?: string;
}

/** Every value of a JSON tree by its path. */
function leaves(value: unknown, path = '', out = new Map<string, string>()): Map<string, string> {
  if (Array.isArray(value)) value.forEach((each, at) => leaves(each, path === '' ? String(at + 1) : `${path} ${at + 1}`, out));
  else if (isObject(value)) for (const [key, each] of Object.entries(value)) leaves(each, path === '' ? key : `${path} ${key}`, out);
  else if (value !== undefined && value !== null) out.set(path, typeof value === 'string' ? value : JSON.stringify(value));
  return out;
}

const shown = ({ name, kind, settings, outputs }: DocNode) => leaves({ name, kind, ...settings, '→': outputs });

function linesOf(before: DocNode, after: DocNode): Line[] {
  const old = shown(before);
  const now = shown(after);
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path))
    .map((path) => {
      const was = old.get(path);
      const is = now.get(path);
      return { path, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) };
    });
}

/** The blocks of two documents, side by side: in the order of the second, with those that only the first has where they stood. */
export function sidesOf(before: Doc, after: Doc): Side[] {
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  const sides = after.nodes.map((node): Side => {
    const was = old.get(node.id);
    if (!was) return { id: node.id, after: node, kind: 'added', lines: [] };
    return same(was, node) ? { id: node.id, before: was, after: node, kind: 'same', lines: [] } : { id: node.id, before: was, after: node, kind: 'changed', lines: linesOf(was, node) };
  });
  const now = new Set(after.nodes.map(({ id }) => id));
  before.nodes.forEach((node, at) => {
    if (now.has(node.id)) return;
    const previous = before.nodes[at - 1];
    const place = previous ? sides.findIndex(({ id }) => id === previous.id) : -1;
    sides.splice(place + 1, 0, { id: node.id, before: node, kind: 'removed', lines: [] });
  });
  return sides;
}
