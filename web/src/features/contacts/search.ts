import { z } from 'zod/mini';

/** Which contacts are shown. */
export const contactsSearch = z.object({
  busca: z.catch(z.optional(z.string()), undefined),
  situacao: z.catch(z.optional(z.enum(['bloqueados', 'ativos'])), undefined),
});
