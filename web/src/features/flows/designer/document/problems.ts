import type { Path } from './document';

/** Where a problem is: its node's place in the list and the way into the node. */
export interface Spot {
  /** The place of the node in the document, or undefined when it is about the flow itself. */
  node?: number;
  /** The output that it is about. */
  output?: string;
  /** The way into the node's settings, or into the document. */
  path: Path;
}

const steps = (pointer: string): Path =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));

/** Reads a JSON pointer of the linter. */
export function spotOf(pointer: string): Spot {
  const path = steps(pointer);
  const [list, place, part, ...inside] = path;
  if (list !== 'nodes' || typeof place !== 'number') return { path };
  if (part === 'outputs') return { node: place, path: [], ...(inside[0] !== undefined && { output: String(inside[0]) }) };
  return { node: place, path: part === 'settings' ? inside : part === undefined ? [] : [part, ...inside] };
}
