import type { Flow, FlowRun, FlowRunDetail, FlowSummary, Quarantined, Template } from '../../api/types';
import { ago } from './people.ts';

/** A small but whole flow. */
export const document = {
  spec_version: 1,
  name: 'Boas-vindas',
  category: 'initial',
  start: 'menu',
  nodes: [
    {
      id: 'menu',
      kind: 'menu',
      name: 'Menu principal',
      settings: {
        text: 'Olá, {nome}! Sobre o que você quer falar?',
        options: [
          { id: 'pedido', title: 'Meu pedido' },
          { id: 'boleto', title: '2ª via do boleto' },
          { id: 'gente', title: 'Falar com alguém' },
        ],
      },
      outputs: { pedido: 'numero', boleto: 'cpf', gente: 'horario', invalid: 'menu', timeout: 'fim' },
    },
    { id: 'numero', kind: 'question', name: 'Número do pedido', settings: { text: 'Qual o número do pedido?' }, outputs: { ok: 'consulta', timeout: 'fim', invalid: 'horario' } },
    { id: 'consulta', kind: 'http', name: 'Consulta o pedido', settings: { url: 'https://loja.exemplo/api/pedidos/{{ pedido }}' }, outputs: { ok: 'situacao', client_error: 'numero', server_error: 'horario', timeout: 'horario' } },
    { id: 'situacao', kind: 'content', name: 'Mostra a situação', settings: { items: [{ kind: 'text', text: 'Seu pedido está: *{{ situacao }}*' }] }, outputs: { ok: 'fim' } },
    { id: 'cpf', kind: 'question', name: 'CPF', settings: { text: 'Me diga seu CPF, por favor' }, outputs: { ok: 'boleto', invalid: 'horario' } },
    { id: 'boleto', kind: 'template', name: 'Envia o boleto', settings: { name: 'segunda_via' }, outputs: { ok: 'fim', missing: 'horario', rejected: 'horario' } },
    { id: 'horario', kind: 'hours', name: 'Estamos abertos?', outputs: { open: 'abre', closed: 'fora' } },
    { id: 'abre', kind: 'action', name: 'Abre atendimento no Suporte', outputs: { ok: 'fim' } },
    { id: 'fora', kind: 'content', name: 'Fora do horário', settings: { items: [{ kind: 'text', text: 'Nosso time volta às 9h. Deixe sua mensagem!' }] }, outputs: { ok: 'sumiu' } },
    { id: 'fim', kind: 'end', name: 'Fim' },
  ],
};

/** Flows in each state. */
export function flows(now: number): FlowSummary[] {
  const release = (number: number, minutes: number) => ({ id: number * 10, number, note: '', created_at: ago(now, minutes), active_runs: 2 });
  const base = { draft_revision: 3, changed: false, active_runs: 0, created_at: ago(now, 99_000), updated_at: ago(now, 200) };
  return [
    { ...base, id: 7, name: 'Boas-vindas', category: 'initial', published: release(7, 2000), active_runs: 14, changed: true },
    { ...base, id: 8, name: 'Segunda via do boleto', category: 'manual', published: release(3, 9000), active_runs: 1 },
    { ...base, id: 9, name: 'Pesquisa de satisfação', category: 'closing', published: release(1, 40_000) },
    { ...base, id: 10, name: 'Lembrete de consulta', category: 'scheduled' },
  ];
}

/** One flow with its draft and what the linter says of it. */
export function flow(now: number, id: number): Flow | undefined {
  const summary = flows(now).find((each) => each.id === id);
  if (!summary) return undefined;
  return {
    ...summary,
    draft: document,
    problems: [
      { code: 'target_missing', severity: 'error', pointer: '/nodes/8/outputs/ok', node: 'fora', text: { 'pt-BR': 'A saída leva a um nó que não existe.', en: 'The output leads to a node that does not exist.' } },
      { code: 'output_open', severity: 'warning', pointer: '/nodes/4/outputs', node: 'cpf', text: { 'pt-BR': 'A saída “sem resposta” não tem destino.', en: 'The output “timeout” leads nowhere.' } },
    ],
  };
}

/** Runs in each state. */
export function runs(now: number): FlowRun[] {
  const people = ['Marina Albuquerque', 'Cláudia Ferraz', 'Beatriz Antunes', 'Padaria Pão Nosso', 'Thiago Menezes', 'Dona Célia', 'Helena Duarte'];
  const waits = [
    { status: 'waiting', wait_kind: 'reply', node: 'numero', node_name: 'Número do pedido', wait_since: ago(now, 3), wait_until: ago(now, -57) },
    { status: 'waiting', wait_kind: 'operator', node: 'boleto', node_name: 'Envia o boleto', wait_since: ago(now, 41), wait_until: ago(now, -1399), end_reason: 'template_missing' },
    { status: 'calling', wait_kind: 'call', node: 'consulta', node_name: 'Consulta o pedido', wait_since: ago(now, 0.1), wait_until: ago(now, -0.4) },
    { status: 'waiting', wait_kind: 'timer', node: 'fora', node_name: 'Fora do horário', wait_since: ago(now, 500), wait_until: ago(now, -300) },
    { status: 'ended', outcome: 'ticket_opened', end_reason: 'ticket_opened', node: 'abre', node_name: 'Abre atendimento no Suporte', ended_at: ago(now, 20) },
    { status: 'ended', outcome: 'completed', end_reason: 'end_node', node: 'fim', node_name: 'Fim', ended_at: ago(now, 60) },
    { status: 'ended', outcome: 'failed', end_reason: 'visit_limit', node: 'menu', node_name: 'Menu principal', ended_at: ago(now, 1600) },
  ] as const;
  return waits.map((wait, index) => ({
    id: 42 - index,
    flow_id: 7,
    flow_name: 'Boas-vindas',
    flow_version_id: 70,
    version: 7,
    conversation_id: 900 + index * 2,
    conversation_number: 1042 - index * 2,
    contact: { id: 500 + index * 2, name: people[index]!, phone: '5511981234567', blocked: false },
    connection_id: 1,
    step: 4 + index,
    started_at: ago(now, 64 + index * 20),
    temporal_url: `http://127.0.0.1:8233/namespaces/perene/workflows/flow-run%2F${42 - index}`,
    workflow_id: `flow-run/${42 - index}`,
    ...wait,
  }));
}

/** A run with its way. */
export function run(now: number, id: number): FlowRunDetail | undefined {
  const found = runs(now).find((each) => each.id === id);
  if (!found) return undefined;
  return {
    ...found,
    started_by: { kind: 'inbound', trigger: 't1' },
    trail: [
      { number: 1, node: 'menu', node_name: 'Menu principal', output: 'pedido' },
      { number: 2, node: 'numero', node_name: 'Número do pedido', output: 'ok' },
      { number: 3, node: 'consulta', node_name: 'Consulta o pedido', output: 'client_error' },
      ...(found.status === 'ended' ? [{ number: 4, node: 'menu', node_name: 'Menu principal', output: 'stopped' }, { number: 5, node: found.node, node_name: found.node_name, ...(found.outcome && { output: found.outcome }) }] : []),
    ],
    values_hidden: false,
    variables: { pedido: '20931', situacao: 'em transporte', tentativas: 2 },
    answers: { menu: 'Meu pedido' },
    commands: [],
  };
}

/** Templates in several states. */
export function templates(now: number): Template[] {
  const base = { connection_id: 1, language: 'pt_BR', parameter_format: 'named' as const, components: [], quality: 'GREEN', synced_at: ago(now, 12) };
  return [
    {
      ...base,
      id: 1,
      name: 'segunda_via',
      category: 'UTILITY',
      status: 'APPROVED',
      components: [
        { type: 'HEADER', format: 'TEXT', text: 'Sua segunda via' },
        {
          type: 'BODY',
          text: 'Olá {{nome}}! A segunda via do boleto de *{{mes}}* está pronta.',
          example: {
            body_text_named_params: [
              { param_name: 'nome', example: 'João' },
              { param_name: 'mes', example: 'novembro' },
            ],
          },
        },
        { type: 'FOOTER', text: 'Loja Exemplo' },
        { type: 'BUTTONS', buttons: [{ type: 'URL', text: 'Abrir o boleto', url: 'https://loja.example/b/{{1}}', example: ['https://loja.example/b/8fK2'] }] },
      ],
    },
    {
      ...base,
      id: 5,
      name: 'novidades_da_loja',
      category: 'MARKETING',
      status: 'APPROVED',
      parameter_format: 'positional',
      components: [
        { type: 'HEADER', format: 'IMAGE', example: { header_handle: [] } },
        { type: 'BODY', text: 'Oi {{1}}, chegou novidade na loja!', example: { body_text: [['Maria']] } },
        { type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'Quero ver' }] },
      ],
    },
    {
      ...base,
      id: 6,
      name: 'retomar_contato',
      category: 'UTILITY',
      status: 'APPROVED',
      parameter_format: 'positional',
      components: [{ type: 'BODY', text: 'Temos atualizações a respeito do seu ticket. Responda para continuar.' }],
    },
    { ...base, id: 2, name: 'oferta_semana', category: 'MARKETING', status: 'PAUSED' },
    { ...base, id: 3, name: 'codigo_de_acesso', category: 'AUTHENTICATION', status: 'APPROVED' },
    { ...base, id: 4, name: 'pesquisa_pos_venda', category: 'MARKETING', status: 'REJECTED', rejected_reason: 'INVALID_FORMAT' },
  ];
}

/** What could not be read. */
export function quarantine(now: number): Quarantined[] {
  return [
    { id: 3, connection_id: 1, connection_name: 'Atendimento', element: 'unparseable', code: 'no_id', reason: 'the message has no id', size: 412, replays: 2, last_code: 'no_id', last_error: 'the message has no id', received_at: ago(now, 90) },
    { id: 2, connection_id: 2, connection_name: 'Vendas', element: 'status', code: 'other_number', reason: "names a phone number that is not this connection's", size: 198, replays: 0, received_at: ago(now, 3000) },
  ];
}
