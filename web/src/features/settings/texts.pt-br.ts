import { automaticTexts } from './automatic-texts.pt-br';
import { hoursTexts } from './hours-texts.pt-br';
import { webhookTexts } from './webhook-texts.pt-br';
import { deskTexts } from './desk-texts.pt-br';
import type { Role } from '@/api/types';

/** Texts of the settings. */
export const settingsTexts = {
  settings: {
    ...deskTexts,
    hours: hoursTexts,
    webhooks: webhookTexts,
    texts: automaticTexts,
    title: 'Ajustes',
    lead: 'Seu perfil e o que a equipe usa para atender.',
    language: 'Idioma',
    languageHint: 'Datas e números acompanham o idioma.',
    theme: 'Tema',
    themeSystem: 'Do sistema',
    themeLight: 'Claro',
    themeDark: 'Escuro',
    density: 'Densidade',
    densityHint: 'Compacta mostra mais conversas na mesma altura.',
    densityComfortable: 'Confortável',
    densityCompact: 'Compacta',
    keys: 'Atalhos de uma tecla',
    keysHint: 'Desligue se você dita por voz ou se as teclas disparam sem querer. Mod+K continua valendo.',
    keysOn: 'Ligado',
    keysOff: 'Desligado',
    seeKeys: 'Ver todos os atalhos',
    roles: { user: 'Usuário', supervisor: 'Supervisor', admin: 'Administrador' } satisfies Record<Role, string>,
  },
} as const;
