import { z } from 'zod/mini';
import type { ConversationFilters } from '@/api/queries/conversations';
import type { View } from '@/api/types';

const id = z.catch(z.optional(z.number().check(z.int(), z.positive())), undefined);

/** The list as the address has it, in Portuguese as the rest of it. A value it cannot read is dropped. */
export const inboxSearch = z.object({
  visao: z.catch(z.optional(z.enum(['todos', 'abertos', 'meus', 'atendimento', 'adiados'])), undefined),
  ordem: z.catch(z.optional(z.enum(['antigas', 'abertura-recente', 'abertura-antiga'])), undefined),
  busca: z.catch(z.optional(z.string().check(z.maxLength(100))), undefined),
  filtro: z.catch(z.optional(z.enum(['nao-lidas'])), undefined),
  janela: z.catch(z.optional(z.enum(['aberta', 'expirando', 'expirada', 'nunca'])), undefined),
  etiqueta: id,
  fila: id,
  agente: id,
  conexao: id,
  /** A phone whose conversation is wanted (rule 243). */
  telefone: z.catch(z.optional(z.union([z.string().check(z.maxLength(40)), z.number()])), undefined),
  /** The message at which the conversation opens: a hit of the search. */
  mensagem: id,
});

/** The list in the address. */
export type InboxSearch = z.infer<typeof inboxSearch>;

/** The views, in the order in which their keys 1 to 5 have them. */
export const VIEWS = [
  { visao: 'todos', view: 'all' },
  { visao: 'abertos', view: 'open' },
  { visao: 'meus', view: 'mine' },
  { visao: 'atendimento', view: 'attended' },
  { visao: 'adiados', view: 'snoozed' },
] as const satisfies readonly { visao: NonNullable<InboxSearch['visao']>; view: View }[];

/** The orders (rule 073). The newest message first is the one that needs no word in the address. */
export const ORDERS = [
  { ordem: undefined, order: 'recent' },
  { ordem: 'antigas', order: 'oldest' },
  { ordem: 'abertura-recente', order: 'opened_recent' },
  { ordem: 'abertura-antiga', order: 'opened_oldest' },
] as const satisfies readonly { ordem: InboxSearch['ordem']; order: NonNullable<ConversationFilters['order']> }[];

const WINDOWS = { aberta: 'open', expirando: 'expiring', expirada: 'expired', nunca: 'none' } as const;

/** The view that the address names, if it names one. */
export function viewOf({ visao }: InboxSearch): View | undefined {
  return VIEWS.find((each) => each.visao === visao)?.view;
}

/** What narrows the list besides its view. Only what is set is in it, so that equal filters are equal keys. */
export function filtersOf({ busca, filtro, janela, etiqueta, fila, agente, conexao }: InboxSearch): ConversationFilters {
  const q = busca?.trim();
  return {
    ...(q ? { q } : {}),
    ...(filtro === 'nao-lidas' ? { unread: true } : {}),
    ...(janela ? { window: WINDOWS[janela] } : {}),
    ...(etiqueta ? { label_id: etiqueta } : {}),
    ...(fila ? { queue_id: fila } : {}),
    ...(agente ? { agent_id: agente } : {}),
    ...(conexao ? { connection_id: conexao } : {}),
  };
}

/** What the API is asked for: the view, what narrows it, and its order. */
export function listOf(search: InboxSearch, view: View): ConversationFilters {
  const order = ORDERS.find(({ ordem }) => ordem === search.ordem)?.order ?? 'recent';
  return { ...filtersOf(search), view, ...(order === 'recent' ? {} : { order }) };
}

/** Whether anything narrows the view. */
export function isFiltered(search: InboxSearch): boolean {
  return Object.keys(filtersOf(search)).length > 0;
}

/** The address without what narrows the view: the view and the order stay. */
export function unfiltered({ visao, ordem }: InboxSearch): InboxSearch {
  return { visao, ordem };
}

/** The address of a list without the message that a conversation was opened at. */
export function listSearch(search: InboxSearch): InboxSearch {
  return search.mensagem === undefined ? search : { ...search, mensagem: undefined };
}
