import type { Translated } from '@/i18n/texts';
import type { bellTexts as source } from './texts.pt-br';

/** Texts of the bell. */
export const bellTexts: Translated<typeof source> = {
  bell: {
    name: 'Notifications',
    short: 'Bell',
    also: 'bell alerts',
    new_one: 'Notifications: {{count}} new',
    new_other: 'Notifications: {{count}} new',
    lead: 'What came to you while the conversations were off the screen.',
    empty: 'Nothing new',
    emptyHint: 'Messages of the people you serve appear here, and conversations that come to you or to your queues.',
    clear: 'Clear all',
    remove: 'Remove the notification about {{name}}',
    unseen: 'New',
    message_one: 'New message',
    message_other: '{{count}} new messages',
    assigned: '{{by}} handed the ticket to you',
    queued: 'Waits for service in {{queue}}',
    queuedNowhere: 'Waits for service in your queue',
    mention: '{{by}} mentioned you in a note',
    by: { user: 'Somebody of the team', api: 'An integration', flow: 'A flow', contact: 'The contact', rule: 'A rule', system: 'The system' },
  },
};
