import { z } from 'zod/mini';

/** Whether what waits or what is resolved is shown. */
export const quarantineSearch = z.object({
  situacao: z.catch(z.optional(z.enum(['resolvidas'])), undefined),
});
