import type { Flow, FlowSummary, Simulation } from '../../api/types';
import { problem, type MockAnswer } from './api.ts';
import { flow as fixed, flows as fixtures } from './flows.ts';

interface Drawn {
  nodes?: { id: string; kind: string; name?: string; settings?: { options?: { id: string; title: string }[] }; outputs?: Record<string, string> }[];
}

/** What the linter would say first: choices that lead nowhere, edges to nodes that do not exist. */
function lint(draft: Drawn): Flow['problems'] {
  const nodes = draft.nodes ?? [];
  const ids = new Set(nodes.map(({ id }) => id));
  const gone = nodes.flatMap((node, place) =>
    Object.entries(node.outputs ?? {})
      .filter(([, target]) => !ids.has(target))
      .map(([output]): Flow['problems'][number] => ({
        code: 'node_unknown',
        severity: 'error',
        pointer: `/nodes/${place}/outputs/${output}`,
        node: node.id,
        text: { 'pt-BR': 'A saída leva a um nó que não existe.', en: 'The output leads to a node that does not exist.' },
      })),
  );
  const open = nodes.flatMap((node, place) =>
    (node.settings?.options ?? [])
      .filter(({ id }) => node.outputs?.[id] === undefined)
      .map(({ id, title }): Flow['problems'][number] => ({
        code: 'output_no_edge',
        severity: 'warning',
        pointer: `/nodes/${place}/outputs/${id}`,
        node: node.id,
        text: { 'pt-BR': `A saída “${title}” não leva a lugar nenhum. Ligue-a a um nó.`, en: `The output “${title}” leads nowhere. Connect it to a node.` },
      })),
  );
  const empty: Flow['problems'] = nodes.length === 0 ? [{ code: 'no_nodes', severity: 'error', pointer: '/nodes', text: { 'pt-BR': 'O fluxo não tem nós.', en: 'The flow has no nodes.' } }] : [];
  return [...empty, ...gone, ...open];
}

interface Tried {
  say?: string;
  tap?: string;
  wait?: string;
}

/** A conversation as the server would play it, as far as menus go: each text shows the start, a tap goes on. */
function simulate(draft: Drawn & { start?: string }, steps: Tried[], now: number): Simulation {
  let at = draft.start;
  let clock = now;
  const played = steps.map((step): Simulation['steps'][number] => {
    if (step.wait !== undefined) clock += 3_600_000;
    const time = new Date(clock).toISOString();
    const from = draft.nodes?.find(({ id }) => id === at);
    const to = step.tap === undefined ? undefined : from?.outputs?.[step.tap];
    const way = step.tap !== undefined && to !== undefined && at !== undefined ? [{ node: at, output: step.tap }] : [];
    if (to !== undefined) at = to;
    const node = draft.nodes?.find(({ id }) => id === at);
    const buttons = (node?.settings?.options ?? []).map(({ id, title }) => ({ id, title }));
    const messages = node && step.wait === undefined ? [{ at: time, node: node.id, kind: 'buttons', text: `Texto de ${node.name ?? node.id}`, ...(buttons.length > 0 && { buttons }) }] : [];
    return { at: time, messages, calls: [], way, ...(at !== undefined && { node: at }) };
  });
  const time = new Date(clock).toISOString();
  const wait: Simulation['wait'] = { for: 'reply', node: at ?? '', since: time, until: new Date(clock + 7_200_000).toISOString() };
  return { steps: played, now: time, running: steps.length > 0, ticket_open: false, variables: { pedido: '123' }, answers: {}, fields: {}, labels: [], ...(at !== undefined && { node: at }), wait };
}

/** Flows as the designer changes them. */
export class MockFlows {
  readonly #now: number;
  readonly #changed = new Map<number, Flow>();

  constructor(now: number) {
    this.#now = now;
  }

  /** A flow as it is now. */
  one(id: number): Flow | undefined {
    return this.#changed.get(id) ?? fixed(this.#now, id);
  }

  /** Every flow that is archived or not. */
  all(archived: boolean): FlowSummary[] {
    const known = fixtures(this.#now).map(({ id }) => id);
    const ids = [...new Set([...known, ...this.#changed.keys()])];
    return ids.flatMap((id) => this.one(id) ?? []).filter((flow) => (flow.archived_at !== undefined) === archived);
  }

  /** The answer to something that changes a flow; undefined when it is no such call. */
  answer(method: string, path: string, body: string): MockAnswer | undefined {
    const given = (body.startsWith('{') ? JSON.parse(body) : {}) as { name?: string; category?: Flow['category']; draft?: Drawn; document?: Drawn; note?: string; steps?: Tried[] };
    if (method === 'POST' && /^\/v1\/flows\/\d+\/simulate$/.test(path)) return { status: 200, body: simulate(given.document ?? {}, given.steps ?? [], this.#now) };
    if (method === 'POST' && /^\/v1\/flow(s|-runs)\/\d+\/tests\/keep$/.test(path)) {
      const kept = { name: given.name ?? 'Conversa real', world: { now: '2026-11-20T10:00' }, steps: (given.steps ?? [{ say: 'oi' }]).map((step) => ({ ...step, expect: { messages: ['Texto'] } })) };
      return { status: 200, body: { test: kept, notes: [] } };
    }
    if (method === 'POST' && /^\/v1\/flows\/\d+\/tests\/run$/.test(path)) {
      const ui = (given.document as { ui?: { tests?: { name: string }[]; tests_block?: boolean } } | undefined)?.ui;
      // A test with a name that says so goes another way.
      const results = (ui?.tests ?? []).map(({ name }, index) => (/falha/i.test(name) ? { index, name, ok: false, step: 1, does: 'say "oi"', diff: '- messages: Olá\n+ messages: Oi' } : { index, name, ok: true }));
      return { status: 200, body: { ok: results.every(({ ok }) => ok), block: ui?.tests_block === true, results } };
    }
    if (method === 'POST' && path === '/v1/flows/lint') {
      const problems = lint(given.document ?? {});
      return { status: 200, body: { ok: !problems.some(({ severity }) => severity === 'error'), problems } };
    }
    const at = new Date(this.#now).toISOString();
    if (method === 'POST' && path === '/v1/flows') {
      const id = Math.max(100, ...this.#changed.keys()) + 1;
      const draft = given.draft ?? { nodes: [] };
      return this.#keep({ id, name: given.name ?? '', category: given.category ?? 'initial', draft, draft_revision: 1, problems: lint(draft), changed: true, active_runs: 0, created_at: at, updated_at: at }, 201);
    }
    const one = /^\/v1\/flows\/(\d+)(?:\/(draft|versions\/\d+\/publish|publish|archive|restore))?$/.exec(path);
    const flow = one ? this.one(Number(one[1])) : undefined;
    if (!one || method === 'GET') return undefined;
    if (!flow) return problem(404, 'not_found', 'There is no such flow.');
    switch (one[2]?.replace(/^versions\/\d+\//, '')) {
      case 'draft':
        return this.#keep({ ...flow, draft: given.draft, draft_revision: flow.draft_revision + 1, changed: true, problems: lint(given.draft ?? {}) });
      case 'publish': {
        const number = (flow.published?.number ?? 0) + 1;
        const published = { id: number * 10, number, note: given.note ?? '', created_at: at, active_runs: 0 };
        this.#keep({ ...flow, changed: false, published });
        return { status: 201, body: { ...published, flow_id: flow.id, graph: flow.draft } };
      }
      case 'archive':
        return this.#keep({ ...flow, archived_at: at });
      case 'restore': {
        const back = { ...flow };
        delete back.archived_at;
        return this.#keep(back);
      }
      default:
        return this.#keep({ ...flow, ...(given.name !== undefined && { name: given.name }), ...(given.category !== undefined && { category: given.category }) });
    }
  }

  #keep(flow: Flow, status = 200): MockAnswer {
    this.#changed.set(flow.id, flow);
    return { status, body: flow };
  }
}
