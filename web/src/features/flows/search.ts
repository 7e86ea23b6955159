import { z } from 'zod/mini';

/** Which version of a flow is shown and how. Without a version, the published one; without that, the draft. */
export const flowSearch = z.object({
  versao: z.catch(z.optional(z.union([z.number().check(z.int(), z.positive()), z.literal('rascunho')])), undefined),
  ver: z.catch(z.optional(z.enum(['desenho', 'lista'])), undefined),
  /** A run whose way is shown. */
  execucao: z.catch(z.optional(z.number().check(z.int(), z.positive())), undefined),
});

/** What the address says. */
export type FlowSearch = z.infer<typeof flowSearch>;

/** How the designer shows a flow, and which node it opens with. */
export const designerSearch = z.object({
  ver: z.catch(z.optional(z.enum(['desenho', 'lista'])), undefined),
  no: z.catch(z.optional(z.string()), undefined),
});

/** What the designer's address says. */
export type DesignerSearch = z.infer<typeof designerSearch>;
