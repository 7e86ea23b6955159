import type { Translated } from '@/i18n/texts';
import type { signInTexts as source } from './texts.pt-br';

/** The same in English. */
export const signInTexts: Translated<typeof source> = {
  signIn: {
    title: 'Sign in',
    lead: 'Customer service that never runs dry.',
    email: 'E-mail',
    password: 'Password',
    show: 'Show the password',
    hide: 'Hide the password',
    submit: 'Sign in',
    working: 'Signing in…',
    checkingLink: 'Checking your sign-in link…',
    linkQuestion: 'You are signed in already, as {{name}} of {{account}}. The link you opened signs in to an account that may be another.',
    stay: 'Stay {{name}}',
    useLink: 'Use the link',
    wrong: 'E-mail or password do not match. Check both and try again.',
    linkInvalid: 'This link was used already or has expired. Sign in with e-mail and password, or ask for a new link with “perene login-link”.',
    tooMany: 'Too many tries in a row. Wait a little before you try again.',
    unavailable: 'The server cannot answer now. Try again in a moment.',
    required: 'Fill in the e-mail and the password.',
    signedOut: 'You have signed out. See you soon.',
    expired: 'Your sign-in has ended. Sign in again to go on where you stopped.',
  },
};
