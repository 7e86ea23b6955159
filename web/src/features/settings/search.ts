import { z } from 'zod/mini';

/** The sections of the settings, as the address names them. */
export const SECTION_NAMES = ['perfil', 'filas', 'horarios', 'textos', 'etiquetas', 'campos', 'motivos', 'avaliacoes', 'respostas', 'biblioteca', 'integracoes', 'limites'] as const;

/** A section of the settings. */
export type Section = (typeof SECTION_NAMES)[number];

/** Which section is shown, and what is open in it: a thing's id, or a new one. */
export const settingsSearch = z.object({
  secao: z.catch(z.optional(z.enum(SECTION_NAMES)), undefined),
  abrir: z.catch(z.optional(z.union([z.literal('novo'), z.int().check(z.positive())])), undefined),
});
