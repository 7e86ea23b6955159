import { z } from 'zod/mini';

// What the console reads of a flow's document. The rest of it (settings of each kind, layout) is the engine's and the
// designer's; a document of a newer version is still drawn.
const nodeSchema = z.object({
  id: z.string(),
  kind: z.string(),
  name: z.optional(z.string()),
  settings: z.optional(z.unknown()),
  outputs: z.optional(z.record(z.string(), z.string())),
});

const documentSchema = z.object({
  name: z.optional(z.string()),
  start: z.catch(z.string(), ''),
  triggers: z.optional(z.array(z.object({ id: z.string(), kind: z.string(), node: z.optional(z.string()) }))),
  nodes: z.catch(z.array(nodeSchema), []),
});

/** A flow's document, as far as it is drawn. */
export type FlowDocument = z.infer<typeof documentSchema>;
/** One node of it. */
export type FlowNode = z.infer<typeof nodeSchema>;

/** Reads a document; one that cannot be read has no nodes. */
export function readDocument(value: unknown): FlowDocument {
  const parsed = documentSchema.safeParse(value);
  return parsed.success ? parsed.data : { start: '', nodes: [] };
}

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Walks settings, not deeper than anything a person draws. */
function walk(value: unknown, visit: (object: Json) => void, depth = 0): void {
  if (depth > 8) return;
  if (Array.isArray(value)) for (const each of value) walk(each, visit, depth + 1);
  else if (isObject(value)) {
    visit(value);
    for (const each of Object.values(value)) walk(each, visit, depth + 1);
  }
}

/** The titles of a node's choices, by the output each of them is. */
export function choiceTitles(node: FlowNode): Map<string, string> {
  const titles = new Map<string, string>();
  walk(node.settings, (object) => {
    const title = object.title ?? object.label;
    if (typeof object.id === 'string' && typeof title === 'string' && title !== '') titles.set(object.id, title);
  });
  return titles;
}

/** The first words of a node: its first text, else nothing. */
export function firstWords(node: FlowNode): string {
  let words = '';
  walk(node.settings, (object) => {
    for (const key of ['text', 'question', 'body', 'url', 'condition', 'expression']) {
      const value = object[key];
      if (words === '' && typeof value === 'string' && value.trim() !== '') words = value;
    }
  });
  return words.replace(/\s+/g, ' ').trim();
}

/** The node's edges in a stable order: choices as they stand, then the outputs every kind shares. */
export function edgesOf(node: FlowNode): { output: string; target: string }[] {
  const order = [...choiceTitles(node).keys()];
  const rank = (output: string) => {
    const at = order.indexOf(output);
    return at === -1 ? (output === 'ok' ? -1 : order.length) : at;
  };
  return Object.entries(node.outputs ?? {})
    .map(([output, target]) => ({ output, target }))
    .sort((a, b) => rank(a.output) - rank(b.output));
}

/** The nodes in the order a contact meets them, breadth first from the start; what cannot be reached comes last. */
export function inOrder(document: FlowDocument): FlowNode[] {
  const byId = new Map(document.nodes.map((node) => [node.id, node]));
  const seen = new Set<string>();
  const queue = [document.start, ...(document.triggers ?? []).flatMap((trigger) => trigger.node ?? [])];
  const ordered: FlowNode[] = [];
  for (let i = 0; i < queue.length; i += 1) {
    const node = byId.get(queue[i] ?? '');
    if (!node || seen.has(node.id)) continue;
    seen.add(node.id);
    ordered.push(node);
    for (const { target } of edgesOf(node)) queue.push(target);
  }
  return [...ordered, ...document.nodes.filter((node) => !seen.has(node.id))];
}
