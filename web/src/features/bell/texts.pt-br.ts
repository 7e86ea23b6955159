/** Texts of the bell. */
export const bellTexts = {
  bell: {
    name: 'Notificações',
    short: 'Avisos',
    also: 'sino avisos alertas',
    new_one: 'Notificações: {{count}} nova',
    new_other: 'Notificações: {{count}} novas',
    lead: 'O que chegou para você enquanto as conversas estavam fora da tela.',
    empty: 'Nada de novo',
    emptyHint: 'Aqui aparecem mensagens de quem você atende, e conversas que chegarem para você ou para as suas filas.',
    clear: 'Limpar todas',
    remove: 'Remover o aviso de {{name}}',
    unseen: 'Novo',
    message_one: 'Mensagem nova',
    message_other: '{{count}} mensagens novas',
    assigned: '{{by}} passou o atendimento para você',
    queued: 'Aguarda atendimento em {{queue}}',
    queuedNowhere: 'Aguarda atendimento na sua fila',
    mention: '{{by}} mencionou você numa nota',
    by: { user: 'Alguém da equipe', api: 'Uma integração', flow: 'Um fluxo', contact: 'O contato', rule: 'Uma regra', system: 'O sistema' },
  },
} as const;
