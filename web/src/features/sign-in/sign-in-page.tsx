import '@/i18n/rest';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Eye, EyeOff, LoaderCircle } from 'lucide-react';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { meQuery, useSignIn, useSignInByLink } from '@/api/queries/sign-in';
import type { Me } from '@/api/types';
import { ApiError } from '@/api/problem';
import { Mark } from '@/app/brand';
import { useTitle } from '@/app/page-frame';
import { setPreferences, usePreferences } from '@/app/preferences';
import { Button, IconButton } from '@/components/button';

/** What the address of the sign-in page may carry. */
export interface SignInSearch {
  /** Where to go on afterwards: a path of this console. */
  voltar?: string;
  motivo?: 'saiu' | 'venceu';
}

/** A path of this console and nothing else: an address elsewhere is not followed. */
export function safeReturn(path: string | undefined): string {
  return path !== undefined && /^\/(?![/\\])/.test(path) && !path.startsWith('/entrar') ? path : '/conversas';
}

function useFailureText(): (error: unknown, byLink: boolean) => string {
  const { t } = useTranslation();
  return (error, byLink) => {
    if (!(error instanceof ApiError)) return t('error.unknown');
    if (error.status === 0) return t('error.network');
    if (error.status === 429) return t('signIn.tooMany');
    if (error.status >= 500) return t('signIn.unavailable');
    return byLink ? t('signIn.linkInvalid') : t('signIn.wrong');
  };
}

/**
 * Sign-in: the token of a one-time link is exchanged at once, anybody else gives e-mail and password. It comes in the
 * address's fragment and leaves it before it is used. Whoever is signed in already is asked first: the link may be foreign.
 */
export default function SignInPage({ search, token: given }: { search: SignInSearch; token?: string | undefined }) {
  const { t } = useTranslation();
  useTitle(t('signIn.title'));
  const { language } = usePreferences();
  const navigate = useNavigate();
  const failureText = useFailureText();
  const byPassword = useSignIn();
  const byLink = useSignInByLink();
  const [shown, setShown] = useState(false);
  const [incomplete, setIncomplete] = useState(false);
  // The token is taken once, though development renders twice, and the address forgets it before it is sent.
  const [token] = useState(given);
  const client = useQueryClient();
  const [somebody, setSomebody] = useState<Me>();
  const exchanged = useRef(false);
  const goOn = safeReturn(search.voltar);
  const exchange = byLink.mutate;
  useEffect(() => {
    if (token === undefined || exchanged.current) return;
    exchanged.current = true;
    history.replaceState(history.state, '', '/entrar');
    const enter = () => exchange(token, { onSuccess: () => void navigate({ to: goOn, replace: true }) });
    client.fetchQuery(meQuery).then(setSomebody, enter);
  }, [token, client, exchange, navigate, goOn]);
  const enterByLink = () => {
    if (token === undefined) return;
    setSomebody(undefined);
    client.clear(); // nothing of the other account stays
    exchange(token, { onSuccess: () => void navigate({ to: goOn, replace: true }) });
  };

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const email = form.get('email');
    const password = form.get('password');
    if (typeof email !== 'string' || typeof password !== 'string' || email.trim() === '' || password === '') {
      setIncomplete(true);
      return;
    }
    setIncomplete(false);
    byPassword.mutate({ email: email.trim(), password }, { onSuccess: () => void navigate({ to: goOn, replace: true }) });
  };

  const failure = incomplete
    ? t('signIn.required')
    : byPassword.isError
      ? failureText(byPassword.error, false)
      : byLink.isError
        ? failureText(byLink.error, true)
        : undefined;
  const notice = search.motivo === 'saiu' ? t('signIn.signedOut') : search.motivo === 'venceu' ? t('signIn.expired') : undefined;
  const field =
    'h-11 w-full rounded-lg border border-line-strong bg-raised px-3 text-base outline-none focus-visible:border-accent focus-visible:ring-2 focus-visible:ring-accent/40';

  return (
    <main className="riverbed flex min-h-full flex-col items-center justify-center p-4">
      <div className="w-full max-w-sm">
        <div className="mb-7 flex flex-col items-center gap-3 text-center">
          <Mark className="size-14" />
          <div>
            <h1 className="text-3xl font-semibold tracking-tight">Perene</h1>
            <p className="text-muted">{t('signIn.lead')}</p>
          </div>
        </div>
        {somebody !== undefined ? (
          <section className="space-y-4 rounded-2xl border border-line bg-surface p-6 shadow-card">
            <p role="status">{t('signIn.linkQuestion', { name: somebody.user.name, account: somebody.account.name })}</p>
            <Button look="primary" className="h-11 w-full text-base" onClick={() => void navigate({ to: goOn, replace: true })}>
              {t('signIn.stay', { name: somebody.user.name })}
            </Button>
            <Button className="h-11 w-full text-base" onClick={enterByLink}>
              {t('signIn.useLink')}
            </Button>
          </section>
        ) : byLink.isPending || (token !== undefined && byLink.isIdle) ? (
          <p role="status" className="flex items-center justify-center gap-2 rounded-2xl border border-line bg-surface p-8 text-muted">
            <LoaderCircle aria-hidden="true" className="size-5 animate-spin" />
            {t('signIn.checkingLink')}
          </p>
        ) : (
          <form onSubmit={submit} noValidate className="space-y-4 rounded-2xl border border-line bg-surface p-6 shadow-card">
            {failure !== undefined ? (
              <p role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-sm text-bad">
                {failure}
              </p>
            ) : (
              notice !== undefined && (
                <p role="status" className="rounded-lg bg-info-soft px-3 py-2 text-sm text-info">
                  {notice}
                </p>
              )
            )}
            <div className="space-y-1.5">
              <label htmlFor="email" className="block text-sm font-medium">
                {t('signIn.email')}
              </label>
              <input id="email" name="email" type="email" autoComplete="username" inputMode="email" className={field} />
            </div>
            <div className="space-y-1.5">
              <label htmlFor="password" className="block text-sm font-medium">
                {t('signIn.password')}
              </label>
              <div className="relative">
                <input
                  id="password"
                  name="password"
                  type={shown ? 'text' : 'password'}
                  autoComplete="current-password"
                  className={`${field} pr-11`}
                />
                <IconButton
                  label={shown ? t('signIn.hide') : t('signIn.show')}
                  aria-pressed={shown}
                  onClick={() => setShown(!shown)}
                  className="absolute top-1 right-1"
                >
                  {shown ? <EyeOff aria-hidden="true" className="size-5" /> : <Eye aria-hidden="true" className="size-5" />}
                </IconButton>
              </div>
            </div>
            <Button type="submit" look="primary" className="h-11 w-full text-base" disabled={byPassword.isPending}>
              {byPassword.isPending ? t('signIn.working') : t('signIn.submit')}
            </Button>
          </form>
        )}
        <p className="mt-5 text-center text-sm">
          <button
            type="button"
            lang={language === 'en' ? 'pt-BR' : 'en'}
            className="min-h-8 px-2 text-muted underline underline-offset-4 hover:text-ink"
            onClick={() => setPreferences({ language: language === 'en' ? 'pt-BR' : 'en' })}
          >
            {language === 'en' ? 'Português' : 'English'}
          </button>
        </p>
      </div>
    </main>
  );
}
