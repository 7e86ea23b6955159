import type { MetaErrorKey } from './meta-error';

/**
 * What Meta's error codes mean to an agent: what happened, and what to do (rules 126–130; the codes are those of channels/meta/errorpolicy.json).
 * A code without a text is shown with the generic one and Meta's own words.
 */
export const metaErrors = {
  generic: { what: 'O WhatsApp recusou a mensagem.', todo: 'Copie o código e veja o significado na lista da Meta.' },
  network: { what: 'Não foi possível chegar ao WhatsApp.', todo: 'O sistema tenta de novo sozinho enquanto fizer sentido.' },
  '0': { what: 'O token de acesso não vale mais.', todo: 'Um administrador precisa reconectar a conta. As mensagens esperam em ordem.' },
  '10': { what: 'Falta uma permissão à conta.', todo: 'Um administrador precisa conceder a permissão na Meta.' },
  '100': { what: 'A mensagem tem um campo que a Meta não aceita.', todo: 'É um defeito do envio: avise quem cuida do sistema, com o código.' },
  '190': { what: 'O token de acesso venceu ou foi revogado.', todo: 'Um administrador precisa reconectar a conta. As mensagens esperam em ordem.' },
  '368': { what: 'A conta foi restringida por violar as regras da Meta.', todo: 'Um administrador precisa ver a conta no painel da Meta.' },
  '130403': { what: 'Este número está na lista de bloqueados.', todo: 'Desbloqueie o contato antes de escrever.' },
  '130429': { what: 'O número passou do ritmo de envio permitido.', todo: 'O sistema diminui o ritmo e envia em seguida.' },
  '130472': {
    what: 'O número do contato faz parte de um experimento da Meta, que segura mensagens de marketing.',
    todo: 'Espere o contato escrever ou use outro tipo de mensagem. Não há prazo conhecido.',
  },
  '130497': { what: 'A conta não pode enviar mensagens para o país deste contato.', todo: 'Não há o que repetir: é uma regra da Meta para a categoria da empresa.' },
  '131000': { what: 'O WhatsApp teve um erro desconhecido.', todo: 'O sistema tenta de novo algumas vezes.' },
  '131005': { what: 'Falta uma permissão à conta.', todo: 'Um administrador precisa conceder a permissão na Meta.' },
  '131008': { what: 'Falta um campo obrigatório na mensagem.', todo: 'É um defeito do envio: avise quem cuida do sistema, com o código.' },
  '131009': { what: 'Um valor da mensagem não é aceito.', todo: 'Confira o que a mensagem leva: texto, arquivo ou mensagem citada.' },
  '131016': { what: 'Um serviço do WhatsApp está fora do ar.', todo: 'O sistema tenta de novo sozinho.' },
  '131021': { what: 'O destinatário é o próprio número da empresa.', todo: 'Confira o telefone do contato.' },
  '131026': {
    what: 'Não foi possível entregar: em geral o número não tem WhatsApp ativo ou usa um aplicativo desatualizado.',
    todo: 'Confirme o número por outro canal e peça que a pessoa atualize o WhatsApp.',
  },
  '131030': { what: 'O número de teste só envia para contatos autorizados.', todo: 'Autorize o contato no painel da Meta ou use um número de produção.' },
  '131031': { what: 'A conta do WhatsApp Business está bloqueada.', todo: 'Um administrador precisa ver a conta no painel da Meta.' },
  '131037': { what: 'O nome de exibição do número ainda não foi aprovado.', todo: 'Um administrador precisa aprovar o nome no painel da Meta.' },
  '131042': {
    what: 'Há um problema de pagamento ou de elegibilidade na conta da empresa na Meta.',
    todo: 'Um administrador precisa conferir a forma de pagamento. As mensagens esperam em ordem e saem sozinhas depois.',
  },
  '131045': { what: 'O número não está registrado corretamente.', todo: 'Um administrador precisa registrar o número de novo.' },
  '131047': { what: 'Já se passaram mais de 24 h desde a última mensagem do contato.', todo: 'Use uma mensagem template ou espere o contato escrever.' },
  '131048': { what: 'O número foi limitado porque muitas pessoas o bloquearam ou denunciaram.', todo: 'O envio para por algumas horas. Reveja o que está sendo enviado.' },
  '131049': {
    what: 'A Meta escolheu não entregar, para não cansar a pessoa com marketing.',
    todo: 'Não reenvie agora: o sistema tenta de novo em intervalos crescentes, a partir de 24 h. Prefira templates de utilidade.',
  },
  '131050': { what: 'A pessoa pediu para não receber marketing desta empresa.', todo: 'O sistema não tenta de novo. Só a própria pessoa pode voltar atrás.' },
  '131051': { what: 'Este tipo de mensagem não é aceito.', todo: 'Mande o conteúdo de outra forma.' },
  '131052': { what: 'O WhatsApp não conseguiu entregar o arquivo que o contato mandou.', todo: 'Peça que a pessoa mande de novo.' },
  '131053': { what: 'O WhatsApp não conseguiu receber o arquivo.', todo: 'Confira o tipo e o tamanho do arquivo.' },
  '131056': { what: 'Muitas mensagens seguidas para a mesma pessoa.', todo: 'O sistema espera um pouco e continua em ordem.' },
  '131057': { what: 'A conta está em manutenção na Meta.', todo: 'O sistema tenta de novo em um minuto.' },
  '132000': { what: 'O número de variáveis não confere com o template.', todo: 'Sincronize os templates e confira os parâmetros.' },
  '132001': { what: 'O template não existe neste idioma ou não está aprovado.', todo: 'Confira o template no painel da Meta e o nó do fluxo que o usa.' },
  '132005': { what: 'O texto do template ficou longo demais depois de preenchido.', todo: 'Use valores mais curtos nas variáveis.' },
  '132007': { what: 'O conteúdo do template viola as regras da Meta.', todo: 'Mude o texto e peça nova aprovação.' },
  '132012': { what: 'Uma variável do template está no formato errado.', todo: 'Confira os parâmetros do template.' },
  '132015': { what: 'O template está pausado por baixa qualidade.', todo: 'Espere a Meta liberar ou use outro template.' },
  '132016': { what: 'O template foi desativado para sempre.', todo: 'Crie um template novo.' },
  '133010': { what: 'O número não está registrado na plataforma.', todo: 'Um administrador precisa registrar o número.' },
} as const satisfies Record<MetaErrorKey, { what: string; todo: string }>;
