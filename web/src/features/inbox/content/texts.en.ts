import type { Translated } from '@/i18n/texts';
import type { shownTexts as source } from './texts.pt-br';

/** The same in English. */
export const shownTexts: Translated<typeof source> = {
  shown: {
    answers: 'Answers of the form',
    yes: 'Yes',
    no: 'No',
    product: 'About an item of the catalogue',
    productId: 'Item {{id}}',
    catalog: 'Catalogue {{id}}',
    askAgain: 'Fetch again',
    askAgainFailed: 'The file could not be asked for. Try again.',
    openAd: 'Open the ad',
    openPost: 'Open the post',
    birthday: 'Birthday: {{date}}',
    department: 'Department: {{name}}',
    buttons: 'Buttons',
    fileByLink: 'File by link',
    cardOf: 'Card {{number}} of {{count}}',
    openCatalog: 'Opens the catalogue',
    editWithoutWords: 'Edited a message. WhatsApp did not say the new words.',
    reason: 'Meta’s reason: {{reason}}',
    lostFile: 'The file did not reach Meta. Ask for it again, smaller or in another format.',
    onPhoneOnly: 'The message opens only on the contact’s phone. Ask for it another way.',
  },
};
