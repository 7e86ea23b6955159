import type { ptBR } from './pt-br';

/** The same keys with any words: what a translation must be. */
export type Translated<T> = { readonly [K in keyof T]: T[K] extends string ? string : Translated<T[K]> };

/** Every text of the console, by key. */
export type Texts = Translated<typeof ptBR>;
