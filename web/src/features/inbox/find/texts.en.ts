import type { Translated } from '@/i18n/texts';
import type { findTexts as source } from './texts.pt-br';

/** Texts of the search inside a conversation. */
export const findTexts: Translated<typeof source> = {
  find: {
    label: 'Search the messages',
    placeholder: 'Words of a message or caption',
    older: 'Previous result, older',
    newer: 'Next result, newer',
    results: 'Results',
    showResults: 'Show the results',
    hideResults: 'Hide the results',
    stay: 'Close the search and stay here',
    hits_one: '{{count}} result',
    hits_other: '{{count}} results',
    hitsMore: '{{count}} results or more',
    of: '{{at}} of {{count}}',
    ofMore: '{{at}} of {{count}} or more',
    none: 'No message has these words',
    noneHint: 'Accents and capitals do not count. Try a shorter part of the word.',
    keys: 'Arrows walk through the results, Esc goes back to where you were.',
    failed: 'The search failed. Try again.',
    gone: 'This message is too far back to be shown here.',
  },
};
