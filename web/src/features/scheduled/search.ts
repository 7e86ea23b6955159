import { z } from 'zod/mini';

/** What of everything scheduled is shown. */
export const scheduledSearch = z.object({
  situacao: z.catch(z.optional(z.enum(['enviados', 'nao-enviados', 'excluidos'])), undefined),
  tipo: z.catch(z.optional(z.enum(['mensagem', 'modelo', 'fluxo', 'encerramento'])), undefined),
  autor: z.catch(z.optional(z.number()), undefined),
});
