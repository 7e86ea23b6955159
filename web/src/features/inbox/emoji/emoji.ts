import { queryOptions } from '@tanstack/react-query';
import type { Language } from '@/i18n';

/** One emoji with what it is called in the reader's language. */
export interface Emoji {
  emoji: string;
  label: string;
  group: number;
  /** Its name and other words for it, as they are searched. */
  words: string;
}

/** The groups of Unicode, in their order. Parts of other emoji are left out. */
export const GROUPS = [
  { group: 0, name: 'faces', sign: '😀' },
  { group: 1, name: 'people', sign: '👋' },
  { group: 3, name: 'animals', sign: '🐻' },
  { group: 4, name: 'food', sign: '🍎' },
  { group: 5, name: 'places', sign: '✈️' },
  { group: 6, name: 'activities', sign: '⚽' },
  { group: 7, name: 'objects', sign: '💡' },
  { group: 8, name: 'symbols', sign: '❤️' },
  { group: 9, name: 'flags', sign: '🏁' },
] as const;

/** An emoji as phones write it: one that is a picture anyway needs no mark that says so. */
const written = (emoji: string) => emoji.replace(/^(\p{Emoji_Presentation})\uFE0F$/u, '$1');

const fold = (words: string) => words.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

// The names come with the console, in a file for each language that loads when it is needed: nothing is fetched from elsewhere.
const FILES = {
  'pt-BR': () => import('emojibase-data/pt/compact.json'),
  en: () => import('emojibase-data/en/compact.json'),
} satisfies Record<Language, () => Promise<unknown>>;

/** Every emoji by its Unicode order. */
export function emojiQuery(language: Language) {
  return queryOptions({
    queryKey: ['emoji', language],
    queryFn: async (): Promise<Emoji[]> => {
      const { default: all } = await FILES[language]();
      return all
        .flatMap(({ unicode, label, group, order, tags }) =>
          group === undefined || group === 2 ? [] : [{ emoji: written(unicode), label, group: Number(group), order: order ?? 0, words: fold([label, ...(tags ?? [])].join(' ')) }],
        )
        .sort((a, b) => a.order - b.order);
    },
    staleTime: Infinity,
    gcTime: Infinity,
  });
}

/** The emoji whose names have what was typed. Whole words come before beginnings, and beginnings before the rest. */
export function findEmoji(all: readonly Emoji[], typed: string, most: number): Emoji[] {
  const wanted = fold(typed).replace(/_/g, ' ').trim();
  if (wanted === '') return [];
  const rank = ({ words }: Emoji) => {
    if (words.startsWith(wanted)) return 0;
    const around = ` ${words} `;
    if (around.includes(` ${wanted} `)) return 1;
    return around.includes(` ${wanted}`) ? 2 : words.includes(wanted) ? 3 : 4;
  };
  return all
    .map((emoji) => ({ emoji, rank: rank(emoji) }))
    .filter((each) => each.rank < 4)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ emoji }) => emoji);
}

const KEY = 'perene.emoji';
const MOST_RECENT = 16;

/** The emoji that this browser used last, the newest first. */
export function recentEmoji(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((each): each is string => typeof each === 'string').slice(0, MOST_RECENT) : [];
  } catch {
    return [];
  }
}

/** Notes that an emoji was used. */
export function usedEmoji(emoji: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([emoji, ...recentEmoji().filter((each) => each !== emoji)].slice(0, MOST_RECENT)));
  } catch {
    // A full or forbidden store forgets: nothing else depends on it.
  }
}
