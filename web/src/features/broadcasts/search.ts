import { z } from 'zod/mini';

const PARTS = ['aguardando', 'na-fila', 'enviadas', 'entregues', 'lidas', 'falharam', 'responderam', 'sairam', 'de-fora', 'sem-resposta'] as const;

/** What of a broadcast is shown, and from which one a new one begins. */
export const broadcastSearch = z.object({
  situacao: z.catch(z.optional(z.enum(PARTS)), undefined),
  editar: z.catch(z.optional(z.boolean()), undefined),
  depois: z.catch(z.optional(z.number()), undefined),
});

/** A broadcast's search parameters. */
export type BroadcastSearch = z.infer<typeof broadcastSearch>;
