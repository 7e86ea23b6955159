import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterEach, beforeAll } from 'vitest';
import { bringTexts, i18next, startTexts } from '@/i18n';
import { restTexts } from '@/i18n/rest.pt-br';

configure({ asyncUtilTimeout: 60_000 });

// What jsdom has no layout or engine for. Lists draw the rows that fit; here everything is 800 by 800.
globalThis.matchMedia ??= (query: string) =>
  ({ matches: false, media: query, addEventListener: () => undefined, removeEventListener: () => undefined }) as unknown as MediaQueryList;
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
} as unknown as typeof ResizeObserver;
if (!('scrollTo' in Element.prototype)) Object.assign(Element.prototype, { scrollTo: () => undefined });
if (!('scrollIntoView' in Element.prototype)) Object.assign(Element.prototype, { scrollIntoView: () => undefined });
for (const side of ['clientHeight', 'clientWidth']) Object.defineProperty(Element.prototype, side, { configurable: true, value: 800 });
window.scrollTo = () => undefined;
globalThis.CSS ??= {} as typeof CSS;
CSS.supports ??= () => true;

beforeAll(async () => {
  await startTexts();
  bringTexts(restTexts);
  await i18next.changeLanguage('pt-BR');
});

afterEach(() => cleanup());
