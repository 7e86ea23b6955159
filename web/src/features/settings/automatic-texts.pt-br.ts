/** Texts of the page of automatic texts. */
export const automaticTexts = {
  title: 'Textos automáticos',
  lead: 'O que sai sozinho para o contato, quando e por quê. Cada acontecimento manda no máximo um texto, e vale o mais específico.',
  account: 'Conta',
  editAccount: 'Editar textos da conta',
  editConnection: 'Textos de {{name}}',
  opens: 'Abrir atendimentos fora do expediente',
  opensHint: 'Ligado, quem escreve fora do horário entra na fila da conexão e recebe o texto. Desligado, recebe só o texto, e a mensagem fica na conversa.',
  empty: 'Nenhuma conexão ainda',
  emptyHint: 'Escreva os textos da conta: eles valem para toda conexão que você ligar.',
  preview: 'O que sai em cada conexão',
  from: { user: 'do atendente', connection: 'da conexão', account: 'da conta', none: 'nenhum' },
  none: 'Nada é enviado.',
  variables: 'Aceitam variáveis, como {nome} e {protocolo}. O que não tem valor fica de fora. Nada sai com a janela fechada, para bloqueados ou em grupos.',
  wayOf: '{{name}} nesta conexão',
  ways: { account: 'O texto da conta', none: 'Nenhum texto', own: 'Texto próprio' },
  kinds: {
    greeting: {
      name: 'Saudação',
      when: 'Quando um atendimento abre sozinho e espera por alguém, dentro do horário. Uma vez por atendimento.',
      example: 'Olá, {nome}! Já vamos atender você. Protocolo: {protocolo}.',
    },
    agent_greeting: { name: 'Saudação do atendente', when: 'Quando alguém aceita o atendimento. Uma vez por atendimento.', example: 'Olá! A partir de agora falo com você.' },
    transfer: { name: 'Transferência', when: 'Toda vez que o atendimento passa de uma fila ou pessoa para outra.', example: 'Estamos transferindo você para quem pode ajudar melhor.' },
    farewell: {
      name: 'Despedida',
      when: 'Já vem escrita para quem encerra, que pode mudar ou apagar. O texto de encerramento do atendente vale mais.',
      example: 'Obrigado pelo contato, {nome}!',
    },
    out_of_hours: {
      name: 'Fora do expediente',
      when: 'Quando o contato escreve com o horário fechado e nenhum fluxo responde. Uma vez por período fechado, e não enquanto alguém conversa com ele.',
      example: 'Estamos fechados agora. Atendemos de segunda a sexta, das 8h às 18h.',
    },
  },
} as const;
