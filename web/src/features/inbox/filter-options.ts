import { useQuery, useQueryClient } from '@tanstack/react-query';
import { agentsQuery } from '@/api/queries/agents';
import { connectionsQuery } from '@/api/queries/connections';
import { conversationKeys } from '@/api/queries/conversations';
import { flatten, type Pages } from '@/api/queries/pages';
import { labelsQuery } from '@/api/queries/labels';
import { queuesQuery } from '@/api/queries/queues';
import type { Conversation } from '@/api/types';
import { usePages } from '@/app/pages';
import type { Option } from '@/components/combobox';

/** What each filter can be set to. */
export interface FilterOptions {
  etiqueta: readonly Option[];
  fila: readonly Option[];
  agente: readonly Option[];
  conexao: readonly Option[];
}

const option = ({ id, name, color }: { id: number; name: string; color?: string | undefined }): Option => ({ value: String(id), words: name, ...(color !== undefined && { color }) });

/** The options of the filters. Who may not read connections chooses among those of the conversations that were shown. */
export function useFilterOptions(): FilterOptions {
  const client = useQueryClient();
  const mayListConnections = usePages().includes('connections');
  const queues = useQuery(queuesQuery);
  const connections = useQuery({ ...connectionsQuery, enabled: mayListConnections });
  const labels = useQuery(labelsQuery);
  const agents = useQuery(agentsQuery);
  const seen = () => {
    const found = new Map<number, Option>();
    for (const [, pages] of client.getQueriesData<Pages<Conversation>>({ queryKey: conversationKeys.lists })) {
      for (const { connection } of flatten(pages)) found.set(connection.id, option(connection));
    }
    return [...found.values()];
  };
  return {
    etiqueta: (labels.data ?? []).map(option),
    fila: (queues.data ?? []).map(option),
    agente: (agents.data ?? []).map(option),
    conexao: mayListConnections ? (connections.data ?? []).map(option) : seen(),
  };
}

/** The filters that are chosen from a list of the account's own. */
export const CHOSEN = ['etiqueta', 'fila', 'agente', 'conexao'] as const satisfies readonly (keyof FilterOptions)[];
