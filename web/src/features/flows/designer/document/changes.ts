import { same, type Doc, type DocNode } from './document';

/** One difference between two documents, for people. */
export type Change =
  | { kind: 'added' | 'removed'; node: DocNode }
  | { kind: 'changed'; node: DocNode; before: DocNode; parts: NodePart[] }
  | { kind: 'flow'; part: FlowPart };

/** What of a node differs. */
export type NodePart = 'name' | 'kind' | 'settings' | 'edges' | 'other';
/** What of the flow itself differs. */
export type FlowPart = 'start' | 'triggers' | 'variables' | 'settings' | 'name' | 'other' | 'tests' | 'layout';

const NODE_KEYS = new Set(['id', 'kind', 'name', 'settings', 'outputs']);
const FLOW_KEYS = new Set(['nodes', 'start', 'triggers', 'variables', 'settings', 'name', 'ui', '$schema', 'id', 'version', 'category', 'spec_version']);

const rest = (value: Record<string, unknown>, known: ReadonlySet<string>) => Object.fromEntries(Object.entries(value).filter(([key]) => !known.has(key)));

const TEST_KEYS = new Set(['tests', 'tests_block']);
const testsIn = ({ ui }: Doc) => ({ tests: ui?.tests ?? [], block: ui?.tests_block ?? false });

function partsOf(before: DocNode, after: DocNode): NodePart[] {
  const parts: NodePart[] = [];
  if (before.kind !== after.kind) parts.push('kind');
  if ((before.name ?? '') !== (after.name ?? '')) parts.push('name');
  if (!same(before.settings ?? {}, after.settings ?? {})) parts.push('settings');
  if (!same(before.outputs ?? {}, after.outputs ?? {})) parts.push('edges');
  if (!same(rest(before, NODE_KEYS), rest(after, NODE_KEYS))) parts.push('other');
  return parts;
}

/** What must happen to the first document for it to become the second. Moved nodes are one change, the last. */
export function changesBetween(before: Doc, after: Doc): Change[] {
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  const now = new Map(after.nodes.map((node) => [node.id, node]));
  const changes: Change[] = [];
  for (const node of after.nodes) {
    const was = old.get(node.id);
    if (!was) changes.push({ kind: 'added', node });
    else {
      const parts = partsOf(was, node);
      if (parts.length > 0) changes.push({ kind: 'changed', node, before: was, parts });
    }
  }
  for (const node of before.nodes) if (!now.has(node.id)) changes.push({ kind: 'removed', node });
  if (before.start !== after.start) changes.push({ kind: 'flow', part: 'start' });
  if (!same(before.triggers ?? [], after.triggers ?? [])) changes.push({ kind: 'flow', part: 'triggers' });
  if (!same(before.variables ?? [], after.variables ?? [])) changes.push({ kind: 'flow', part: 'variables' });
  if (!same(before.settings ?? {}, after.settings ?? {})) changes.push({ kind: 'flow', part: 'settings' });
  if (before.name !== after.name) changes.push({ kind: 'flow', part: 'name' });
  if (!same(rest(before, FLOW_KEYS), rest(after, FLOW_KEYS))) changes.push({ kind: 'flow', part: 'other' });
  if (!same(testsIn(before), testsIn(after))) changes.push({ kind: 'flow', part: 'tests' });
  if (!same(rest(before.ui ?? {}, TEST_KEYS), rest(after.ui ?? {}, TEST_KEYS))) changes.push({ kind: 'flow', part: 'layout' });
  return changes;
}
