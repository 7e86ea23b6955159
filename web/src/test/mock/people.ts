import type { Connection, Conversation, Me, Message } from '../../api/types';

/** Fixtures are told relative to one instant, so that they look alive whenever they are looked at. */
export function ago(now: number, minutes: number): string {
  return new Date(now - minutes * 60_000).toISOString();
}

/** Somebody who may see everything. */
export const me: Me = {
  account: { id: 1, slug: 'loja-exemplo', name: 'Loja Exemplo', timezone: 'America/Sao_Paulo', locale: 'pt-BR' },
  user: { id: 1, name: 'Ana Ribeiro', email: 'ana@loja.exemplo', role: 'admin', locale: 'pt-BR' },
  permissions: [
    'account:read',
    'broadcasts:read',
    'broadcasts:send',
    'connections:read',
    'contacts:read',
    'contacts:write',
    'conversations:read',
    'flow_runs:read',
    'flow_runs:start',
    'flows:read', 'flows:write', 'flows:publish',
    'media:write',
    'messages:send',
    'labels:manage',
    'quarantine:read',
    'settings:manage',
    'templates:read',
    'tokens:manage',
    'tickets:write',
    'users:read',
  ],
  links: { docs_url: '/docs', temporal_ui_url: 'http://127.0.0.1:8233', temporal_namespace: 'perene' },
  version: '0.1.0',
};

const PEOPLE = [
  'Marina Albuquerque',
  'João Pedro Nogueira',
  'Cláudia Ferraz',
  'Rafael Teixeira de Sousa',
  'Beatriz Antunes',
  'Seu Osvaldo',
  'Padaria Pão Nosso',
  'Thiago Menezes',
  'Larissa Prado',
  'Dona Célia',
  'Eduardo Kobayashi',
  'Fernanda Lopes',
  'Gustavo Hein',
  'Helena Duarte',
  'Igor Santana',
  'Juliana Moura',
  'Karina Vilela',
  'Luís Otávio',
  'Mercadinho Bom Preço',
  'Natália Brito',
  'Otávio Guerra',
  'Paula Rezende',
  'Quitéria Alves',
  'Renato Siqueira',
];

const PREVIEWS = [
  'Perfeito, obrigada! 😊',
  'Escolha uma opção abaixo para eu te ajudar',
  'Consegue me mandar a segunda via do boleto?',
  '🎤 Mensagem de voz',
  'Seu pedido saiu para entrega hoje às 14h',
  '📷 Foto: chegou assim',
  'Bom dia! Vocês abrem no feriado?',
  'Template: Olá Thiago, sua fatura vence amanhã',
];

/** The account's labels. */
export const LABELS = [
  { id: 1, name: 'Cliente fiel', color: '#0f766e' },
  { id: 2, name: 'Troca', color: '#b45309' },
];

/** A page of conversations in many states. */
export function conversations(now: number): Conversation[] {
  return PEOPLE.map((name, index): Conversation => {
    const minutes = index === 0 ? 1 : index * index * 3 + index * 4;
    const charge = index % 5 === 3 ? 'ticket' : index % 2 === 0 ? 'flow' : 'idle';
    const left = index === 2 ? 22 : 1440 - minutes;
    return {
      id: 900 + index,
      number: 1042 - index,
      contact: { id: 500 + index, name, phone: `55119${String(81234567 + index * 1373).slice(0, 8)}`, blocked: false },
      connection: { id: 1, name: 'Atendimento', channel: 'whatsapp_cloud', state: 'active' },
      in_charge: charge,
      ...(charge === 'flow' && {
        flow_run: { id: 42 + index, flow_id: 7, flow_name: 'Boas-vindas', wait_kind: index % 4 === 0 ? 'reply' : 'timer' },
      }),
      ...(charge === 'ticket' && {
        ticket: {
          id: 70 + index,
          protocol: `2026112100${String(index).padStart(2, '0')}`,
          state: index % 2 === 0 ? 'waiting' : 'open',
          queue: { id: 1, name: 'Suporte', color: '#0f766e' },
          ...(index === 13 || index === 23 ? { agent: { id: 1, name: 'Ana Ribeiro' } } : index % 2 === 1 && { agent: { id: 2, name: 'Bruno Castro' } }),
          opened_at: ago(now, minutes + 10),
          origin: 'receptive' as const,
          opened_by: { kind: 'flow' as const },
          write_locked: false,
          ...(index === 23 && { snoozed: { at: ago(now, 30), until: ago(now, -900), until_reply: true, reason: 'Aguardando o estoque' } }),
        },
        first_unanswered_at: ago(now, minutes),
      }),
      window_state: left <= 0 ? 'expired' : left <= 30 ? 'expiring' : 'open',
      window_expires_at: ago(now, -left),
      window_open: left > 0,
      may_hold: false,
      held_count: index === 0 ? 1 : 0,
      retrying_count: index === 0 ? 1 : 0,
      unread_count: index === 1 ? 3 : index === 3 ? 1 : index === 6 ? 12 : 0,
      last_message: {
        id: 90_000 - index,
        direction: index % 3 === 1 ? 'in' : 'out',
        origin: index % 3 === 1 ? 'contact' : index % 3 === 0 ? 'bot' : 'agent',
        kind: 'text',
        status: index % 3 === 1 ? 'received' : (['read', 'delivered', 'sent', 'failed', 'queued'] as const)[index % 5]!,
        preview: PREVIEWS[index % PREVIEWS.length]!,
      },
      last_message_at: ago(now, minutes),
      marked_unread: false,
      followed: false,
      lists: [], // each answer says it
      priority: index === 3 ? 'urgent' : index === 8 ? 'high' : 'none',
      labels: index % 4 === 1 ? LABELS : index % 4 === 3 ? LABELS.slice(1) : [],
      chatbot_disabled: false,
      created_at: ago(now, 60 * 24 * 40),
      updated_at: ago(now, minutes),
    };
  });
}

/** Three connections: one at work, one whose circuit is open, one paused. */
export function connections(now: number): Connection[] {
  const base = {
    channel: 'whatsapp_cloud',
    graph_base_url: 'https://graph.facebook.com',
    graph_version: 'v25.0',
    secrets: { access_token: true, app_secret: true, app_secret_previous: false, verify_token: true },
    rate_per_second: 0,
    settings: {},
    created_at: ago(now, 90_000),
    updated_at: ago(now, 30),
  };
  return [
    {
      ...base,
      id: 1,
      key: 'atendimento-k3v9',
      name: 'Atendimento',
      is_default: true,
      state: 'active',
      display_phone: '5511940028922',
      phone_number_id: '106540352242922',
      waba_id: '102290129340398',
      health: { verified_name: 'Loja Exemplo', quality: 'GREEN', limit: 'TIER_10K', per_second: 80, can_send: 'AVAILABLE' },
      health_at: ago(now, 12),
      queued: 0,
      webhook_url: 'https://perene.loja.exemplo/webhooks/meta/atendimento-k3v9',
      temporal_url: 'http://127.0.0.1:8233/namespaces/perene/workflows/connection%2F1',
    },
    {
      ...base,
      id: 2,
      key: 'vendas-8sd2',
      name: 'Vendas',
      is_default: false,
      state: 'held',
      hold: { scope: 'all', reason: 'payment', code: 131042, since: ago(now, 47), probe_at: ago(now, -13) },
      display_phone: '5521930045566',
      health: {
        verified_name: 'Loja Exemplo Vendas', quality: 'YELLOW', limit: 'TIER_250', can_send: 'BLOCKED', name_status: 'REJECTED',
        notices: {
          'number/quality': { kind: 'number', level: 'alert', at: ago(now, 180), words: { change: 'quality', event: 'DOWNGRADE', limit: 'TIER_250', previous: 'TIER_1K' } },
          'number/name': { kind: 'number', level: 'alert', at: ago(now, 300), words: { change: 'name', decision: 'REJECTED', name: 'Loja Nova', reason: 'NAME_EMPLOYEE_ISSUE' } },
          'template/aviso/pt_BR/category': { kind: 'template', level: 'warning', at: ago(now, 90), words: { change: 'category_warning', name: 'aviso', language: 'pt_BR', value: 'MARKETING', until: ago(now, -1200) } },
          history: { kind: 'history', level: 'info', at: ago(now, 900), words: { phase: '2', progress: '100' } },
        },
      },
      health_at: ago(now, 47),
      queued: 128,
      webhook_url: 'https://perene.loja.exemplo/webhooks/meta/vendas-8sd2',
    },
    {
      ...base,
      id: 3,
      key: 'financeiro-p1qa',
      name: 'Financeiro',
      is_default: false,
      state: 'paused',
      display_phone: '551130045566',
      health: {},
      queued: 4,
      webhook_url: 'https://perene.loja.exemplo/webhooks/meta/financeiro-p1qa',
    },
  ] satisfies Connection[];
}

/** A message with everything that is the same in all of them. */
export function message(id: number, part: Partial<Message> & Pick<Message, 'content' | 'created_at'>): Message {
  return {
    id,
    conversation_id: 900,
    direction: 'in',
    ...((part.direction ?? 'in') === 'in' && { arrival: 'live' }),
    origin: 'contact',
    kind: part.content.kind,
    status: 'received',
    actions: [],
    attempts: 0,
    retries: 0,
    ...part,
  };
}
