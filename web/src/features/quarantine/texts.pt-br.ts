import type { QuarantineCode, QuarantineElement } from '@/api/types';

/** Texts of the quarantine. */
export const quarantineTexts = {
  quarantine: {
    title: 'Quarentena',
    lead: 'Pedaços de entregas que o sistema não conseguiu ler. Nada se perde: o conteúdo fica guardado para ser relido.',
    waiting: 'Esperando',
    resolved: 'Resolvida {{when}}',
    lastError: 'Último erro',
    filters: { open: 'Esperando', resolved: 'Resolvidas' },
    empty: 'Nada em quarentena',
    emptyHint: 'Bom sinal: tudo o que chegou foi entendido.',
    elements: {
      message: 'Mensagem',
      echo: 'Mensagem enviada pelo celular',
      status: 'Situação de mensagem',
      identity_change: 'Troca de número',
      preference: 'Preferência de marketing',
      template: 'Mensagem template',
      number: 'Número',
      account: 'Conta do WhatsApp Business',
      error: 'Erro do provedor',
      app_contact: 'Contato da agenda',
      history: 'Histórico',
      call: 'Chamada',
      unknown: 'Aviso desconhecido',
      unparseable: 'Entrega ilegível',
    } satisfies Record<QuarantineElement, string>,
    details: 'Detalhe',
    codes: {
      not_json: {
        what: 'O conteúdo não é JSON.',
        todo: 'A assinatura confere, então veio assim do provedor. Se acontecer de novo, avise quem cuida do sistema.',
      },
      wrong_type: {
        what: 'Um campo veio em um formato que o sistema não espera.',
        todo: 'O provedor mudou alguma coisa: avise quem cuida do sistema, com o detalhe. Depois da atualização, releia.',
      },
      too_deep: {
        what: 'O conteúdo tem partes demais, umas dentro das outras.',
        todo: 'Mensagens de verdade não são assim. Confira quem tem acesso ao aplicativo na Meta e resolva.',
      },
      too_many: {
        what: 'A entrega traz mais itens do que uma entrega pode ter.',
        todo: 'Avise quem cuida do sistema, com o detalhe.',
      },
      wrong_object: {
        what: 'A entrega é de outro produto da Meta.',
        todo: 'No painel da Meta, deixe neste endereço só os webhooks do WhatsApp. Depois, resolva.',
      },
      no_value: {
        what: 'O aviso não diz o que mudou.',
        todo: 'Se acontecer de novo, avise quem cuida do sistema.',
      },
      no_id: {
        what: 'Falta o identificador, ou ele não serve.',
        todo: 'Sem ele não dá para saber se é uma repetição. Avise quem cuida do sistema.',
      },
      nobody: {
        what: 'Não diz de quem vem, nem para quem vai.',
        todo: 'Avise quem cuida do sistema, com o detalhe. Depois da atualização, releia.',
      },
      other_number: {
        what: 'É de um número que não é o desta conexão.',
        todo: 'Confira o número da conexão aqui e o endereço de webhook na Meta. Se o erro era aqui, corrija e releia; senão, resolva.',
      },
      other_business: {
        what: 'É de uma conta do WhatsApp Business que não é a desta conexão.',
        todo: 'Confira a conta da conexão aqui e o endereço de webhook na Meta. Se o erro era aqui, corrija e releia; senão, resolva.',
      },
      parser_broke: {
        what: 'O sistema falhou ao ler este conteúdo.',
        todo: 'É um defeito nosso: avise quem cuida do sistema. Depois da atualização, releia.',
      },
      database_refused: {
        what: 'O banco de dados não aceitou o conteúdo.',
        todo: 'É um defeito nosso: avise quem cuida do sistema, com o detalhe. Depois da atualização, releia.',
      },
      not_stored: {
        what: 'Foi lido, mas não pôde ser guardado.',
        todo: 'Releia. Se não der certo, avise quem cuida do sistema, com o detalhe.',
      },
      nothing: {
        what: 'Não há nada aqui que se possa ler.',
        todo: 'Nada se perde: resolva e escreva o motivo.',
      },
      other: {
        what: 'O motivo está no detalhe, em inglês.',
        todo: 'Avise quem cuida do sistema, com o detalhe.',
      },
    } satisfies Record<QuarantineCode, { what: string; todo: string }>,
    replays_one: '{{count}} releitura',
    replays_other: '{{count}} releituras',
  },
} as const;
