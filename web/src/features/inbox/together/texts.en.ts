import type { togetherTexts as portuguese } from './texts.pt-br';
import type { Translated } from '@/i18n/texts';

/** The same in English. */
export const togetherTexts: Translated<typeof portuguese> = {
  together: {
    here: 'Who is in this conversation',
    looking: '{{name}} is looking',
    writing: '{{name}} is writing',
    writes: '{{name}} is writing…',
    write: '{{names}} are writing…',
    colleague: 'Somebody else',
    newer: '{{name}} answered while you were writing:',
    sendAnyway: 'Send anyway',
    discard: 'Discard',
    discarded: 'Your answer was discarded',
    taken: '{{agent}} took over the ticket of {{name}}',
    see: 'See',
    watch: 'Watch without marking as read',
    watchHint: 'You look at conversations, and they stay unread for the team',
    watchStop: 'Stop watching',
    watching: 'Watching: nothing is marked as read.',
  },
};
