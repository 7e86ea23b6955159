import { firstTexts } from './first.pt-br';
import { restTexts } from './rest.pt-br';

/** The console's texts, put together. Portuguese is the language they are written in; each other language has the same keys. */
export const ptBR = { ...firstTexts, ...restTexts };
