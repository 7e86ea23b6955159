import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { preferences } from '@/app/preferences';
import { firstTexts } from './first.pt-br';
import type { ptBR } from './pt-br';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    contextSeparator: '@@';
    resources: { translation: typeof ptBR };
  }
}

/** The languages of the console; the first is the one texts are written in. */
export type Language = 'pt-BR' | 'en';

/** Loads a language's texts, if they are not here yet, and shows them. */
export async function showTexts(language: Language): Promise<void> {
  if (language === 'en' && !i18next.hasResourceBundle('en', 'translation')) {
    const { en } = await import('./en');
    i18next.addResourceBundle('en', 'translation', en);
  }
  await i18next.changeLanguage(language);
}

/** Starts the texts in the preferred language. */
export async function startTexts(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'pt-BR',
    fallbackLng: 'pt-BR',
    resources: { 'pt-BR': { translation: firstTexts } },
    interpolation: { escapeValue: false }, // React escapes; nothing here becomes HTML.
    returnNull: false,
    // Keys are the API's words, which have underscores; context is not used.
    contextSeparator: '@@',
  });
  const { language } = preferences();
  if (language !== 'pt-BR') await showTexts(language);
}

/** Adds Portuguese texts to those that are there. English comes whole. */
export function bringTexts(texts: Partial<typeof ptBR>): void {
  if (i18next.isInitialized) i18next.addResourceBundle('pt-BR', 'translation', texts);
}

export { i18next };
