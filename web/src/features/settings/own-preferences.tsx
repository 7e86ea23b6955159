import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import { profileKey, profileQuery, saveDefaultConnection } from '@/api/queries/profile';
import { sendingConnectionsQuery } from '@/api/queries/start';
import { setPreferences, usePreferences } from '@/app/preferences';
import { openShortcutSheet } from '@/app/sheet-state';
import { Button } from '@/components/button';
import { Segments } from '@/components/chips';
import { Select } from '@/components/select';
import { toast } from '@/components/toast';

const SECONDS = Array.from({ length: 11 }, (_, seconds) => String(seconds));

/** One thing that is chosen, with a sentence of help. */
export function Row({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-3 border-b border-line py-5 last:border-0 sm:flex-row sm:items-center sm:justify-between">
      <div className="max-w-md">
        <h3 className="font-medium">{title}</h3>
        {hint !== undefined && <p className="text-sm text-pretty text-muted">{hint}</p>}
      </div>
      {children}
    </div>
  );
}

/** What is on or off. */
function OnOff({ label, value, onChange, on, off }: { label: string; value: boolean; onChange: (value: boolean) => void; on: string; off: string }) {
  return (
    <Segments
      label={label}
      value={value ? 'on' : 'off'}
      onChange={(next) => onChange(next === 'on')}
      options={[
        { value: 'on', words: on },
        { value: 'off', words: off },
      ]}
    />
  );
}

/** The connection that one writes by where none is chosen (rule 246). */
function DefaultConnection() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const profile = useQuery(profileQuery);
  const connections = useQuery(sendingConnectionsQuery);
  const save = useMutation({
    mutationFn: saveDefaultConnection,
    onSuccess: (saved) => {
      client.setQueryData(profileKey, saved);
      void client.invalidateQueries({ queryKey: sendingConnectionsQuery.queryKey });
    },
    onError: (error) => toast({ words: error instanceof ApiError ? error.sayWith(t) : t('error.unknown'), tone: 'bad' }),
  });
  if (!profile.data || !connections.data) return null;
  const account = connections.data.find(({ is_default: first }) => first);
  return (
    <Row title={t('settings.profile.connection')} hint={t('settings.profile.connectionHint')}>
      <div className="w-full sm:w-64">
        <Select
          label={t('settings.profile.connection')}
          value={String(save.isPending ? save.variables : (profile.data.default_connection_id ?? 0))}
          onChange={(value) => save.mutate(Number(value))}
          options={[
            { value: '0', words: account ? t('settings.profile.connectionAccount', { name: account.name }) : t('app.none') },
            ...connections.data.map(({ id, name, display_phone: phone }) => ({ value: String(id), words: [name, phone].filter(Boolean).join(' · ') })),
          ]}
        />
      </div>
    </Row>
  );
}

/** How one works, on every device: what the server keeps. */
export function OwnRows({ answers }: { /** Whether this person writes to contacts. */ answers: boolean }) {
  const { t } = useTranslation();
  const { singleKeys, enterSends, afterSend, confirmAudio, sendDelay, sounds } = usePreferences();
  return (
    <>
      {answers && (
        <>
          <DefaultConnection />
          <Row title={t('settings.profile.delay')} hint={t('settings.profile.delayHint')}>
            <div className="w-full sm:w-44">
              <Select
                label={t('settings.profile.delay')}
                value={String(sendDelay)}
                onChange={(value) => setPreferences({ sendDelay: Number(value) })}
                options={SECONDS.map((value) => ({ value, words: value === '0' ? t('settings.profile.delayNone') : t('settings.profile.delaySeconds', { count: Number(value) }) }))}
              />
            </div>
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
          <Row title={t('settings.profile.enter')} hint={t('settings.profile.enterHint')}>
            <OnOff
              label={t('settings.profile.enter')}
              value={enterSends}
              onChange={(value) => setPreferences({ enterSends: value })}
              on={t('settings.profile.enterSends')}
              off={t('settings.profile.enterBreaks')}
            />
          </Row>
          <Row title={t('settings.profile.audio')} hint={t('settings.profile.audioHint')}>
            <OnOff
              label={t('settings.profile.audio')}
              value={confirmAudio}
              onChange={(value) => setPreferences({ confirmAudio: value })}
              on={t('settings.profile.audioAsk')}
              off={t('settings.profile.audioSend')}
            />
          </Row>
        </>
      )}
      <Row title={t('settings.profile.sounds')} hint={t('settings.profile.soundsHint')}>
        <OnOff label={t('settings.profile.sounds')} value={sounds} onChange={(value) => setPreferences({ sounds: value })} on={t('settings.keysOn')} off={t('settings.keysOff')} />
      </Row>
      <Row title={t('settings.keys')} hint={t('settings.keysHint')}>
        <div className="flex flex-wrap items-center gap-2">
          <Button look="quiet" onClick={openShortcutSheet}>
            {t('settings.seeKeys')}
          </Button>
          <OnOff label={t('settings.keys')} value={singleKeys} onChange={(value) => setPreferences({ singleKeys: value })} on={t('settings.keysOn')} off={t('settings.keysOff')} />
        </div>
      </Row>
    </>
  );
}
