import { z } from 'zod/mini';
import type { ConversationFilters } from '@/api/queries/conversations';

/** The list's filters as the address has them, in Portuguese as the rest of it. A value it cannot read is dropped. */
export const inboxSearch = z.object({
  busca: z.catch(z.optional(z.string().check(z.maxLength(100))), undefined),
  filtro: z.catch(z.optional(z.enum(['nao-lidas', 'fluxo', 'atendimento'])), undefined),
  janela: z.catch(z.optional(z.enum(['aberta', 'expirando', 'expirada', 'nunca'])), undefined),
  conexao: z.catch(z.optional(z.number().check(z.int(), z.positive())), undefined),
});

/** The filters in the address. */
export type InboxSearch = z.infer<typeof inboxSearch>;

const WINDOWS = { aberta: 'open', expirando: 'expiring', expirada: 'expired', nunca: 'none' } as const;

/** What the API is asked for. Only what is set is in it, so that equal filters are equal keys. */
export function filtersOf({ busca, filtro, janela, conexao }: InboxSearch): ConversationFilters {
  const q = busca?.trim();
  return {
    ...(q ? { q } : {}),
    ...(filtro === 'nao-lidas' ? { unread: true } : {}),
    ...(filtro === 'fluxo' ? { in_charge: 'flow' as const } : {}),
    ...(filtro === 'atendimento' ? { in_charge: 'ticket' as const } : {}),
    ...(janela ? { window: WINDOWS[janela] } : {}),
    ...(conexao ? { connection_id: conexao } : {}),
  };
}

/** Whether anything narrows the list. */
export function isFiltered(search: InboxSearch): boolean {
  return Object.keys(filtersOf(search)).length > 0;
}
