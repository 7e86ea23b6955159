/** Texts of the search inside a conversation. */
export const findTexts = {
  find: {
    label: 'Buscar nas mensagens',
    placeholder: 'Palavras de uma mensagem ou legenda',
    older: 'Resultado anterior, mais antigo',
    newer: 'Próximo resultado, mais novo',
    results: 'Resultados',
    showResults: 'Mostrar os resultados',
    hideResults: 'Ocultar os resultados',
    stay: 'Fechar a busca e ficar aqui',
    hits_one: '{{count}} resultado',
    hits_other: '{{count}} resultados',
    hitsMore: '{{count}} resultados ou mais',
    of: '{{at}} de {{count}}',
    ofMore: '{{at}} de {{count}} ou mais',
    none: 'Nenhuma mensagem com estas palavras',
    noneHint: 'Acentos e maiúsculas não contam. Tente uma parte menor da palavra.',
    keys: 'Setas andam pelos resultados, Esc volta para onde você estava.',
    failed: 'A busca falhou. Tente de novo.',
    gone: 'Esta mensagem está longe demais para mostrar aqui.',
  },
} as const;
