import { Link } from '@tanstack/react-router';
import { LogOut, ShieldAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useMe, useSignOut } from '@/api/queries/sign-in';
import { usePages } from '@/app/pages';
import { setPreferences, usePreferences } from '@/app/preferences';
import { Button } from '@/components/button';
import { Segments } from '@/components/chips';
import { ClosingText } from './closing-text';
import { SectionHead } from './list-section';
import { OwnRows, Row } from './own-preferences';

/** One's own profile: how this browser shows the console, and who is signed in. */
export function ProfileSection() {
  const { t } = useTranslation();
  const { language, theme, density } = usePreferences();
  const me = useMe();
  const signOut = useSignOut();
  const pages = usePages();
  return (
    <section>
      <SectionHead title={t('settings.names.perfil')} lead={t('settings.profileLead')} />
      <h3 className="mb-2 text-sm font-medium text-muted">{t('settings.profile.everywhere')}</h3>
      <div className="mb-5 w-full max-w-3xl rounded-2xl border border-line bg-surface px-5 sm:px-7">
        {me.permissions.includes('messages:send') && (
          <div className="border-b border-line">
            <ClosingText />
          </div>
        )}
        <OwnRows answers={me.permissions.includes('messages:send')} />
      </div>
      <h3 className="mb-2 text-sm font-medium text-muted">{t('settings.profile.browser')}</h3>
      <div className="w-full max-w-3xl rounded-2xl border border-line bg-surface px-5 sm:px-7">
        <Row title={t('settings.language')} hint={t('settings.languageHint')}>
          <Segments
            label={t('settings.language')}
            value={language}
            onChange={(value) => setPreferences({ language: value })}
            options={[
              { value: 'pt-BR', words: 'Português' },
              { value: 'en', words: 'English' },
            ]}
          />
        </Row>
        <Row title={t('settings.theme')}>
          <Segments
            label={t('settings.theme')}
            value={theme}
            onChange={(value) => setPreferences({ theme: value })}
            options={[
              { value: 'system', words: t('settings.themeSystem') },
              { value: 'light', words: t('settings.themeLight') },
              { value: 'dark', words: t('settings.themeDark') },
            ]}
          />
        </Row>
        <Row title={t('settings.density')} hint={t('settings.densityHint')}>
          <Segments
            label={t('settings.density')}
            value={density}
            onChange={(value) => setPreferences({ density: value })}
            options={[
              { value: 'comfortable', words: t('settings.densityComfortable') },
              { value: 'compact', words: t('settings.densityCompact') },
            ]}
          />
        </Row>
        {pages.includes('quarantine') && (
          <div className="border-b border-line py-4 sm:hidden">
            <Link to="/quarentena" className="flex min-h-10 items-center gap-3 font-medium">
              <ShieldAlert aria-hidden="true" className="size-5 text-muted" />
              {t('nav.quarantine')}
            </Link>
          </div>
        )}
        <Row
          title={me.user.name}
          hint={[me.user.email, t(`settings.roles.${me.user.role}`), me.account.name].join(' · ')}
        >
          <Button onClick={() => signOut.mutate()} disabled={signOut.isPending}>
            <LogOut aria-hidden="true" className="size-4" />
            {t('app.signOut')}
          </Button>
        </Row>
      </div>
    </section>
  );
}
