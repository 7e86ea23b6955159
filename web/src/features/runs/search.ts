import { z } from 'zod/mini';
import type { FlowRunFilters } from '@/api/queries/flow-runs';

/** The list of runs as the address narrows it. */
export const runsSearch = z.object({
  situacao: z.catch(z.optional(z.enum(['esperando', 'chamando', 'encerradas', 'operador'])), undefined),
  fluxo: z.catch(z.optional(z.number().check(z.int(), z.positive())), undefined),
  no: z.catch(z.optional(z.coerce.string().check(z.minLength(1), z.maxLength(64))), undefined),
  minutos: z.catch(z.optional(z.number().check(z.int(), z.positive(), z.maximum(1_000_000))), undefined),
});

/** The filters in the address. */
export type RunsSearch = z.infer<typeof runsSearch>;

/** What the API is asked for. */
export function runFiltersOf({ situacao, fluxo, no, minutos }: RunsSearch): FlowRunFilters {
  return {
    ...(situacao === 'esperando' ? { status: 'waiting' as const } : {}),
    ...(situacao === 'chamando' ? { status: 'calling' as const } : {}),
    ...(situacao === 'encerradas' ? { status: 'ended' as const } : {}),
    ...(situacao === 'operador' ? { wait_kind: 'operator' as const } : {}),
    ...(fluxo ? { flow_id: fluxo } : {}),
    ...(no ? { node: no } : {}),
    ...(minutos ? { waiting_minutes: minutos } : {}),
  };
}
