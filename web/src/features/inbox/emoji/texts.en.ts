import type { Translated } from '@/i18n/texts';
import type { emojiTexts as source } from './texts.pt-br';

/** The same in English. */
export const emojiTexts: Translated<typeof source> = {
  emoji: {
    open: 'Emoji',
    title: 'Emoji',
    more: 'Another emoji',
    search: 'Search emoji',
    groups: 'Groups of emoji',
    none: 'No emoji has this name',
    failed: 'The emoji did not load. Close and try again.',
    hint: 'Arrows choose, Enter puts it into the text.',
    group: {
      faces: 'Faces and emotions',
      people: 'People and body',
      animals: 'Animals and nature',
      food: 'Food and drink',
      places: 'Travel and places',
      activities: 'Activities',
      objects: 'Objects',
      symbols: 'Symbols',
      flags: 'Flags',
    },
  },
};
