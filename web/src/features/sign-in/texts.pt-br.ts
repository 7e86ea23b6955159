/** Texts of the sign-in. */
export const signInTexts = {
  signIn: {
    title: 'Entrar',
    lead: 'O atendimento que não seca.',
    email: 'E-mail',
    password: 'Senha',
    show: 'Mostrar a senha',
    hide: 'Ocultar a senha',
    submit: 'Entrar',
    working: 'Entrando…',
    checkingLink: 'Conferindo seu link de acesso…',
    linkQuestion: 'Você já entrou, como {{name}} de {{account}}. O link que você abriu entra em uma conta que pode ser outra.',
    stay: 'Continuar como {{name}}',
    useLink: 'Usar o link',
    wrong: 'E-mail ou senha não conferem. Confira os dois e tente de novo.',
    linkInvalid: 'Este link já foi usado ou venceu. Entre com e-mail e senha, ou peça um link novo com “perene login-link”.',
    tooMany: 'Muitas tentativas seguidas. Espere um pouco antes de tentar de novo.',
    unavailable: 'O servidor não consegue responder agora. Tente de novo em instantes.',
    required: 'Preencha o e-mail e a senha.',
    signedOut: 'Você saiu. Até logo.',
    expired: 'Seu acesso terminou. Entre de novo para continuar de onde parou.',
  },
} as const;
