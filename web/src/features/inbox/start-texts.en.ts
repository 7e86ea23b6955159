import type { Translated } from '@/i18n/texts';
import type { startTexts as source } from './start-texts.pt-br';

/** The same in English. */
export const startTexts: Translated<typeof source> = {
  start: {
    title: 'New ticket',
    lead: 'Look for a contact, or type a phone with its area code.',
    person: 'To whom',
    personPlaceholder: 'Name or phone',
    foreign: 'A number of another country: begin with + and the country’s code.',
    newContact: 'New contact: {{phone}}',
    newContactHint: 'Nobody has this number yet',
    unknown: 'New contact',
    other: 'Choose somebody else',
    windowOpen: 'The 24-hour window is open: write at once, without a template.',
    goThere: 'Open the conversation',
    connection: 'Connection',
    noConnection: 'No connection can send. Talk to an administrator.',
    noQueue: 'None: the ticket is mine',
    open: 'Open the conversation?',
    openHint: 'It is being served; the answer comes to who serves, and no flow begins.',
    notOpenHint: 'Only sends. The contact’s answer follows the initial flow.',
    begin: 'Start service',
    badPhone: 'The phone in the address does not serve: use digits only, with the area code.',
    command: 'New ticket',
    commandHint: 'Writes first, with a template',
    commandAlso: 'new chat contact phone start',
  },
};
