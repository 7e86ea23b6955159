import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { i18next, type Language } from '@/i18n';
import { designerEn } from './texts.en';
import { designerPt } from './texts.pt-br';

// The designer's texts come with the designer: the console's first page does not carry them.
const SPACE = 'designer';
i18next.addResourceBundle('pt-BR', SPACE, designerPt);
i18next.addResourceBundle('en', SPACE, designerEn);

type Leaves<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Leaves<T[K]>}` }[keyof T & string];
type Single<K extends string> = K extends `${infer Stem}_one` | `${infer Stem}_other` ? Stem : K;

/** A text of the designer by its key. */
export type Word = Single<Leaves<typeof designerPt>>;
/** Says a text in the reader's language. */
export type Say = (key: Word, values?: Readonly<Record<string, string | number>>) => string;

const translate = i18next.t as unknown as (key: string, options: object) => string;

/** Says texts in a language. */
export function sayIn(language: Language): Say {
  return (key, values) => translate(key, { ns: SPACE, lng: language, ...values });
}

/** The designer's texts in the reader's language. */
export function useSay(): Say {
  const language = useLanguage();
  return useMemo(() => sayIn(language), [language]);
}

/** The reader's language. */
export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return i18n.language === 'en' ? 'en' : 'pt-BR';
}
