import { isObject, type Doc, type DocNode, type Json } from './document';

/** A way out of a node. */
export interface Output {
  name: string;
  /** What people called it; without one it is an output that kinds share. */
  label?: string;
  /** It may stay without a target: something else takes its place. */
  quiet?: boolean;
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
const named = (items: Json[], label: string): Output[] => items.map((each) => ({ name: text(each.id), label: text(each[label]) }));
const plain = (...names: string[]): Output[] => names.map((name) => ({ name }));
const quiet = (...names: string[]): Output[] => names.map((name) => ({ name, quiet: true }));

const ASKING = plain('invalid', 'timeout', 'window_closed');
const WAITING_ITEMS = new Set(['buttons', 'list', 'location_request', 'save']);

// The same as the engine's own, kind by kind: a test compares them with what the engine says of its examples.
const OUTPUTS: Record<string, (settings: Json) => Output[]> = {
  action: ({ actions }) => {
    const opens = list(actions).find((each) => each.do === 'open_ticket');
    if (!opens) return plain('ok');
    return opens.suspend === true ? [...plain('closed'), ...quiet('failed')] : quiet('failed');
  },
  condition: () => plain('true', 'false'),
  content: ({ items: given }) => {
    const items = list(given);
    const last = items.at(-1);
    const chooses = last?.kind === 'buttons' || last?.kind === 'list';
    const first = chooses ? [...(last.dynamic === undefined ? [] : plain('ok')), ...named(list(last.options), 'title'), ...quiet('other')] : plain('ok');
    return [...first, ...(items.some((each) => WAITING_ITEMS.has(text(each.kind))) ? ASKING : quiet('window_closed'))];
  },
  end: () => [],
  close: () => [],
  note: () => plain('ok'),
  hours: () => [...plain('open', 'closed'), ...quiet('holiday')],
  http: () => [...plain('ok', 'client_error', 'server_error', 'timeout', 'failed'), ...quiet('redirect', 'not_json', 'missing', 'no_content')],
  jump: () => [],
  loop: () => plain('item', 'done'),
  menu: ({ options, source }) => [...named(list(options), 'title'), ...(source === 'queues' || source === 'list' ? plain('ok') : []), ...quiet('other'), ...ASKING],
  question: ({ type }) => [...(type === 'yes_no' ? quiet('ok', 'yes', 'no') : plain('ok')), ...ASKING],
  set_variable: () => [...plain('ok'), ...quiet('failed')],
  split: ({ branches }) => named(list(branches), 'label'),
  subflow: ({ outcomes }) => [...plain('ok'), ...(Array.isArray(outcomes) ? outcomes.map((each) => ({ name: text(each) })) : []), ...plain('failed')],
  switch: ({ cases }) => [...named(list(cases), 'label'), ...plain('default')],
  template: ({ replies }) => {
    const waits = list(replies);
    const first = waits.length === 0 ? plain('ok') : named(waits, 'title');
    const after = waits.length === 0 ? [] : [...quiet('other'), ...plain('invalid', 'timeout'), ...quiet('window_closed')];
    return [...first, ...plain('missing', 'paused', 'rejected'), ...quiet('failed'), ...after];
  },
  wait: ({ mode, cancel_on_reply: onReply, cancel_if: onRule }) => {
    if (mode === 'reply') return plain('ok', 'timeout');
    const cancels = onReply === true || text(onRule).trim() !== '';
    return [...plain('ok'), ...(cancels ? plain('cancelled') : []), ...(mode === 'until' || mode === 'hours' ? quiet('failed') : [])];
  },
  webhook: () => plain('ok'),
};

/** The ways out of a node with its settings, in their order. A kind of a newer server has the ways that are drawn. */
export function outputsOf(node: DocNode): Output[] {
  const known = OUTPUTS[node.kind];
  if (!known) return Object.keys(node.outputs ?? {}).map((name) => ({ name }));
  return known(node.settings ?? {});
}

/** An output with where it leads. */
export interface Way extends Output {
  target?: string;
  /** It is drawn and the node has no such output any more: the linter calls it an error. */
  stray?: boolean;
}

/** Every way out that has a place on a node's face: those it has, and edges that are left over. */
export function waysOf(node: DocNode): Way[] {
  const edges = node.outputs ?? {};
  const outputs = outputsOf(node);
  const ways = outputs.map((output): Way => {
    const target = Object.hasOwn(edges, output.name) ? edges[output.name] : undefined;
    return target === undefined ? output : { ...output, target };
  });
  const left = Object.entries(edges).filter(([name]) => !outputs.some((output) => output.name === name));
  return [...ways, ...left.map(([name, target]): Way => ({ name, target, stray: true }))];
}

/** The output that a new node continues from: the first without a target, else none. */
export function openOutput(node: DocNode): string | undefined {
  const ways = waysOf(node);
  return (ways.find((way) => way.target === undefined && !way.quiet && !QUIET_ENDS.has(way.name)) ?? ways.find((way) => way.target === undefined && !QUIET_ENDS.has(way.name)))?.name;
}

const QUIET_ENDS = new Set(['invalid', 'timeout', 'window_closed', 'failed', 'other']);

/** The output by which a node usually goes on: where a node that is put on an edge leads. */
export function mainOutput(node: DocNode): string | undefined {
  const outputs = outputsOf(node);
  return (outputs.find(({ name }) => name === 'ok') ?? outputs.find((output) => !output.quiet) ?? outputs[0])?.name;
}

/** What leads to a node: nodes with their outputs. */
export function leadingTo(doc: Doc, id: string): { node: DocNode; output: string }[] {
  return doc.nodes.flatMap((node) =>
    Object.entries(node.outputs ?? {})
      .filter(([, target]) => target === id)
      .map(([output]) => ({ node, output })),
  );
}

/** Where an output without an edge leads by the flow's defaults. */
export function defaultTarget(doc: Doc, output: string): string | undefined {
  const defaults = isObject(doc.settings?.defaults) ? doc.settings.defaults : {};
  const target = Object.hasOwn(defaults, output) ? defaults[output] : defaults['*'];
  return typeof target === 'string' && target !== '' ? target : undefined;
}
