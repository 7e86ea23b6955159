import { z } from 'zod/mini';
import type { ConversationFilters } from '@/api/queries/conversations';
import type { View } from '@/api/types';

const id = z.catch(z.optional(z.number().check(z.int(), z.positive())), undefined);

/** The list as the address has it, in Portuguese as the rest of it. A value it cannot read is dropped. */
export const inboxSearch = z.object({
  visao: z.catch(z.optional(z.enum(['todos', 'abertos', 'meus', 'atendimento', 'adiados'])), undefined),
  /** A saved view, by its id: what the address shows besides is narrowed by it. */
  salva: id,
  ordem: z.catch(z.optional(z.enum(['recentes', 'antigas', 'abertura-recente', 'abertura-antiga'])), undefined),
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

type Order = NonNullable<ConversationFilters['order']>;

/** The orders (rule 073). Where the address has none, it is the one that was chosen last. */
export const ORDERS = [
  { ordem: 'recentes', order: 'recent' },
  { ordem: 'antigas', order: 'oldest' },
  { ordem: 'abertura-recente', order: 'opened_recent' },
  { ordem: 'abertura-antiga', order: 'opened_oldest' },
] as const satisfies readonly { ordem: NonNullable<InboxSearch['ordem']>; order: Order }[];

const WINDOWS = { aberta: 'open', expirando: 'expiring', expirada: 'expired', nunca: 'none' } as const;

/** The view that the address names, if it names one. */
export function viewOf({ visao, salva }: InboxSearch): View | undefined {
  return salva ? 'all' : VIEWS.find((each) => each.visao === visao)?.view;
}

/** What narrows the list besides its view. Only what is set is in it, so that equal filters are equal keys. */
export function filtersOf({ busca, filtro, janela, etiqueta, fila, agente, conexao, salva }: InboxSearch): ConversationFilters {
  const q = busca?.trim();
  return {
    ...(q ? { q } : {}),
    ...(filtro === 'nao-lidas' ? { unread: true } : {}),
    ...(janela ? { window: WINDOWS[janela] } : {}),
    ...(etiqueta ? { label_id: etiqueta } : {}),
    ...(fila ? { queue_id: fila } : {}),
    ...(agente ? { agent_id: agente } : {}),
    ...(conexao ? { connection_id: conexao } : {}),
    ...(salva ? { view_id: salva } : {}),
  };
}

/** The order that the address names, else the preferred one. */
export function orderOf({ ordem }: InboxSearch, preferred: Order): Order {
  return ORDERS.find((each) => each.ordem === ordem)?.order ?? preferred;
}

/** What the API is asked for: the view, what narrows it, and its order. */
export function listOf(search: InboxSearch, view: View, preferred: Order): ConversationFilters {
  const order = orderOf(search, preferred);
  return { ...filtersOf(search), view, ...(order === 'recent' ? {} : { order }) };
}

/** Whether anything narrows the view. */
export function isFiltered(search: InboxSearch): boolean {
  return Object.keys(filtersOf({ ...search, salva: undefined })).length > 0;
}

/** The address without what narrows the view: the view and the order stay. */
export function unfiltered({ visao, salva, ordem }: InboxSearch): InboxSearch {
  return { visao, salva, ordem };
}

/** The address of a list without the message that a conversation was opened at. */
export function listSearch(search: InboxSearch): InboxSearch {
  return search.mensagem === undefined ? search : { ...search, mensagem: undefined };
}
