import { Link } from '@tanstack/react-router';
import { LogOut, ShieldAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe, useSignOut } from '@/api/queries/sign-in';
import { usePages } from '@/app/pages';
import { setPreferences, usePreferences } from '@/app/preferences';
import { openShortcutSheet } from '@/app/sheet-state';
import { Button } from '@/components/button';
import { Segments } from '@/components/chips';
import { ClosingText } from './closing-text';
import { SectionHead } from './list-section';

function Row({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-3 border-b border-line py-5 last:border-0 sm:flex-row sm:items-center sm:justify-between">
      <div className="max-w-md">
        <h3 className="font-medium">{title}</h3>
        {hint !== undefined && <p className="text-sm text-muted">{hint}</p>}
      </div>
      {children}
    </div>
  );
}

/** One's own profile: how this browser shows the console, and who is signed in. */
export function ProfileSection() {
  const { t } = useTranslation();
  const { language, theme, density, singleKeys, enterSends, afterSend, confirmAudio } = usePreferences();
  const me = useMe();
  const signOut = useSignOut();
  const pages = usePages();
  return (
    <section>
      <SectionHead title={t('settings.names.perfil')} lead={t('settings.profileLead')} />
      {me.permissions.includes('messages:send') && (
        <div className="mb-5 w-full max-w-3xl rounded-2xl border border-line bg-surface px-5 sm:px-7">
          <ClosingText />
        </div>
      )}
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
        <Row title={t('settings.keys')} hint={t('settings.keysHint')}>
          <div className="flex flex-wrap items-center gap-2">
            <Button look="quiet" onClick={openShortcutSheet}>
              {t('settings.seeKeys')}
            </Button>
            <Segments
              label={t('settings.keys')}
              value={singleKeys ? 'on' : 'off'}
              onChange={(value) => setPreferences({ singleKeys: value === 'on' })}
              options={[
                { value: 'on', words: t('settings.keysOn') },
                { value: 'off', words: t('settings.keysOff') },
              ]}
            />
          </div>
        </Row>
        {me.permissions.includes('messages:send') && (
          <>
            <Row title={t('settings.profile.enter')} hint={t('settings.profile.enterHint')}>
              <Segments
                label={t('settings.profile.enter')}
                value={enterSends ? 'on' : 'off'}
                onChange={(value) => setPreferences({ enterSends: value === 'on' })}
                options={[
                  { value: 'on', words: t('settings.profile.enterSends') },
                  { value: 'off', words: t('settings.profile.enterBreaks') },
                ]}
              />
            </Row>
            <Row title={t('settings.profile.afterSend')} hint={t('settings.profile.afterSendHint')}>
              <Segments
                label={t('settings.profile.afterSend')}
                value={afterSend}
                onChange={(value) => setPreferences({ afterSend: value })}
                options={[
                  { value: 'send', words: t('settings.profile.after.send') },
                  { value: 'close', words: t('settings.profile.after.close') },
                  { value: 'snooze', words: t('settings.profile.after.snooze') },
                ]}
              />
            </Row>
            <Row title={t('settings.profile.audio')} hint={t('settings.profile.audioHint')}>
              <Segments
                label={t('settings.profile.audio')}
                value={confirmAudio ? 'on' : 'off'}
                onChange={(value) => setPreferences({ confirmAudio: value === 'on' })}
                options={[
                  { value: 'on', words: t('settings.profile.audioAsk') },
                  { value: 'off', words: t('settings.profile.audioSend') },
                ]}
              />
            </Row>
          </>
        )}
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
