import { z } from 'zod/mini';

/** Which version of a flow is shown and how. Without a version, the published one; without that, the draft. */
export const flowSearch = z.object({
  versao: z.catch(z.optional(z.union([z.number().check(z.int(), z.positive()), z.literal('rascunho')])), undefined),
  ver: z.catch(z.optional(z.enum(['desenho', 'lista'])), undefined),
});

/** What the address says. */
export type FlowSearch = z.infer<typeof flowSearch>;
