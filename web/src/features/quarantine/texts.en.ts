import type { Translated } from '@/i18n/texts';
import type { quarantineTexts as source } from './texts.pt-br';

/** The same in English. */
export const quarantineTexts: Translated<typeof source> = {
  quarantine: {
    title: 'Quarantine',
    lead: 'Parts of deliveries the system could not read. Nothing is lost: the bytes are kept to be read again.',
    waiting: 'Waiting',
    resolved: 'Resolved {{when}}',
    lastError: 'Last error',
    filters: { open: 'Waiting', resolved: 'Resolved' },
    empty: 'Nothing in quarantine',
    emptyHint: 'A good sign: everything that came was understood.',
    elements: {
      message: 'Message',
      echo: 'Message sent from the phone',
      status: 'Message status',
      identity_change: 'Change of number',
      preference: 'Marketing preference',
      template: 'Template',
      number: 'Number',
      account: 'WhatsApp Business account',
      error: 'Error of the provider',
      app_contact: 'Contact of the address book',
      history: 'History',
      call: 'Call',
      unknown: 'Unknown notice',
      unparseable: 'Unreadable delivery',
    },
    details: 'Details',
    codes: {
      not_json: {
        what: 'The bytes are not JSON.',
        todo: 'The signature is right, so the provider sent it like this. If it happens again, tell whoever runs the system.',
      },
      wrong_type: {
        what: 'A field came in a form the system does not expect.',
        todo: 'The provider changed something: tell whoever runs the system, with the details. After the update, replay it.',
      },
      too_deep: {
        what: 'The content is nested too deeply.',
        todo: 'Real messages are not like this. Check who has access to the app at Meta, and resolve it.',
      },
      too_many: {
        what: 'The delivery holds more elements than a delivery may have.',
        todo: 'Tell whoever runs the system, with the details.',
      },
      wrong_object: {
        what: 'The delivery belongs to another product of Meta’s.',
        todo: 'In Meta’s dashboard leave only WhatsApp’s webhooks on this address. Then resolve it.',
      },
      no_value: {
        what: 'The notice does not say what changed.',
        todo: 'If it happens again, tell whoever runs the system.',
      },
      no_id: {
        what: 'The id is missing or cannot be one.',
        todo: 'Without it nobody can tell whether it is a repeat. Tell whoever runs the system.',
      },
      nobody: {
        what: 'It does not say who it is from or for.',
        todo: 'Tell whoever runs the system, with the details. After the update, replay it.',
      },
      other_number: {
        what: 'It is for a number that is not this connection’s.',
        todo: 'Check the connection’s number here and the webhook address at Meta. If the mistake was here, correct it and replay; otherwise resolve it.',
      },
      other_business: {
        what: 'It is for a WhatsApp Business account that is not this connection’s.',
        todo: 'Check the connection’s account here and the webhook address at Meta. If the mistake was here, correct it and replay; otherwise resolve it.',
      },
      parser_broke: {
        what: 'The system failed to read this.',
        todo: 'It is a defect of ours: tell whoever runs the system. After the update, replay it.',
      },
      database_refused: {
        what: 'The database did not accept it.',
        todo: 'It is a defect of ours: tell whoever runs the system, with the details. After the update, replay it.',
      },
      not_stored: {
        what: 'It was read, but could not be stored.',
        todo: 'Replay it. If that does not help, tell whoever runs the system, with the details.',
      },
      nothing: {
        what: 'There is nothing in it that can be read.',
        todo: 'Nothing is lost: resolve it and write down why.',
      },
      other: {
        what: 'The details say why.',
        todo: 'Tell whoever runs the system, with the details.',
      },
    },
    replays_one: '{{count}} replay',
    replays_other: '{{count}} replays',
  },
};
