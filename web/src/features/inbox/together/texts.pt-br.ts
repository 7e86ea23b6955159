/** Texts of several people in one conversation. */
export const togetherTexts = {
  together: {
    here: 'Quem está nesta conversa',
    looking: '{{name}} está vendo',
    writing: '{{name}} está escrevendo',
    writes: '{{name}} está escrevendo…',
    write: '{{names}} estão escrevendo…',
    colleague: 'Outra pessoa',
    newer: '{{name}} respondeu enquanto você escrevia:',
    sendAnyway: 'Enviar mesmo assim',
    discard: 'Descartar',
    discarded: 'Sua resposta foi descartada',
    taken: '{{agent}} assumiu o atendimento de {{name}}',
    see: 'Ver',
    watch: 'Acompanhar sem marcar como lida',
    watchHint: 'Você olha as conversas, e elas continuam não lidas para a equipe',
    watchStop: 'Parar de acompanhar',
    watching: 'Acompanhando: nada é marcado como lido.',
  },
} as const;
