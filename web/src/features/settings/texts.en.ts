import { automaticTexts } from './automatic-texts.en';
import { hoursTexts } from './hours-texts.en';
import { webhookTexts } from './webhook-texts.en';
import { deskTexts } from './desk-texts.en';
import type { Translated } from '@/i18n/texts';
import type { settingsTexts as source } from './texts.pt-br';

/** The same in English. */
export const settingsTexts: Translated<typeof source> = {
  settings: {
    ...deskTexts,
    hours: hoursTexts,
    webhooks: webhookTexts,
    texts: automaticTexts,
    title: 'Settings',
    lead: 'Your profile, and what the team serves with.',
    language: 'Language',
    languageHint: 'Dates and numbers follow the language.',
    theme: 'Theme',
    themeSystem: 'System',
    themeLight: 'Light',
    themeDark: 'Dark',
    density: 'Density',
    densityHint: 'Compact shows more conversations in the same height.',
    densityComfortable: 'Comfortable',
    densityCompact: 'Compact',
    keys: 'Single-key shortcuts',
    keysHint: 'Turn them off if you dictate or if keys fire by accident. Mod+K goes on working.',
    keysOn: 'On',
    keysOff: 'Off',
    seeKeys: 'See all shortcuts',
    roles: { user: 'User', supervisor: 'Supervisor', admin: 'Administrator' },
  },
};
