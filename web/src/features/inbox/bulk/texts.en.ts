import type { Translated } from '@/i18n/texts';
import type { bulkTexts as source } from './texts.pt-br';

/** The same in English. */
export const bulkTexts: Translated<typeof source> = {
  bulk: {
    bar: 'Selected conversations',
    selected_one: '{{count}} selected',
    selected_other: '{{count}} selected',
    all: 'Select all that are in the list',
    clear: 'Clear the selection',
    more: 'More actions with the selected ones',
    names: { accept: 'Accept', transfer: 'Transfer', close: 'Close', label: 'Label', unread: 'Mark as unread' },
    progress: '{{act}}: {{through}} of {{of}}',
    result: '{{act}}: {{parts}}',
    done_one: '{{count}} done',
    done_other: '{{count}} done',
    waiting_one: '{{count}} kept for later',
    waiting_other: '{{count}} kept for later',
    refused_one: '{{count}} refused',
    refused_other: '{{count}} refused',
    reason: '{{names}}: {{reason}}',
    andMore_one: '{{names}} and {{count}} more',
    andMore_other: '{{names}} and {{count}} more',
    moreReasons_one: 'And {{count}} more.',
    moreReasons_other: 'And {{count}} more.',
    undoFailed_one: 'It could not be undone in {{count}} conversation.',
    undoFailed_other: 'It could not be undone in {{count}} conversations.',
    transferTitle_one: 'Transfer {{count}} conversation',
    transferTitle_other: 'Transfer {{count}} conversations',
    closeTitle_one: 'Close {{count}} ticket?',
    closeTitle_other: 'Close {{count}} tickets?',
    closeLead: 'Closes them for everybody. No closing message is sent, and agent and queue leave the conversations.',
    labelTitle: 'Add a label',
    labelLead: 'The label goes on the contact of each selected conversation.',
    chooseLabel: 'Type the name of the label',
    noLabel: 'Choose a label.',
  },
};
