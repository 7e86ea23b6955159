import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { Plus, Webhook as WebhookIcon } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import { settingsKeys } from '@/api/queries/settings';
import { changeWebhook, removeWebhook, rotateSecret, testWebhook, webhooksQuery } from '@/api/queries/webhooks';
import type { NewWebhook, Webhook } from '@/api/types';
import { Badge, type Tone } from '@/components/badge';
import { Button } from '@/components/button';
import { CopyButton } from '@/components/copy-button';
import { Confirm, Dialog } from '@/components/dialog';
import { toast } from '@/components/toast';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import { useDates, useNow } from '@/i18n/format';
import { SectionHead } from './list-section';
import { useOpened } from './use-setting';
import { WebhookDeliveries } from './webhook-deliveries';
import { WebhookForm } from './webhook-form';

const TONES = { active: 'good', quarantined: 'warn', off: 'neutral' } as const satisfies Record<Webhook['state'], Tone>;

/** Why something with a webhook was refused, in the reader's language. */
export function webhookRefusal(error: unknown, t: TFunction): string {
  if (!(error instanceof ApiError)) return t('error.unknown');
  if (error.key === 'webhook.too_many') return t('settings.webhooks.tooMany');
  if (error.key === 'webhook.off') return t('settings.webhooks.off');
  return error.sayWith(t);
}

/** Does something with webhooks, reads them again and says what came of it. */
export function useWebhookAct() {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ call }: { call: () => Promise<unknown>; words?: string }) => call(),
    onSuccess: async (_, { words }) => {
      await client.invalidateQueries({ queryKey: settingsKeys.all });
      if (words !== undefined) toast({ words });
    },
    onError: (error) => toast({ words: webhookRefusal(error, t), tone: 'bad' }),
  });
}

/** Addresses of other systems that hear of events (rules 220 and 262). */
export function WebhooksSection() {
  const { t } = useTranslation();
  const query = useQuery(webhooksQuery);
  const { opened, open } = useOpened('integracoes');
  const [shown, setShown] = useState<NewWebhook>();
  const [log, setLog] = useState<Webhook>();
  const item = query.data?.find(({ id }) => id === opened);
  return (
    <section>
      <SectionHead
        title={t('settings.webhooks.title')}
        lead={t('settings.webhooks.lead')}
        action={
          <Button look="primary" onClick={() => open('novo')}>
            <Plus aria-hidden="true" className="size-4" />
            {t('settings.webhooks.new')}
          </Button>
        }
      />
      {query.isPending ? (
        <LoadingRows rows={3} />
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data.length === 0 ? (
        <EmptyState icon={WebhookIcon} title={t('settings.webhooks.empty')} hint={t('settings.webhooks.emptyHint')} />
      ) : (
        <ul aria-label={t('settings.webhooks.list')} className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
          {query.data.map((webhook) => (
            <Row key={webhook.id} webhook={webhook} onChange={() => open(webhook.id)} onLog={() => setLog(webhook)} onSecret={setShown} />
          ))}
        </ul>
      )}
      {(opened === 'novo' || item) && <WebhookForm key={opened} webhook={item} onMade={setShown} onClose={() => open(undefined)} />}
      {shown && <Secret webhook={shown} onClose={() => setShown(undefined)} />}
      {log && <WebhookDeliveries webhook={log} onClose={() => setLog(undefined)} />}
    </section>
  );
}

function Row({ webhook, onChange, onLog, onSecret }: { webhook: Webhook; onChange: () => void; onLog: () => void; onSecret: (made: NewWebhook) => void }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(30_000);
  const act = useWebhookAct();
  const [asks, setAsks] = useState<'rotate' | 'remove'>();
  const { id, name, state, waiting } = webhook;
  const off = state === 'off';
  return (
    <li className="px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="min-w-0 truncate font-medium">{name}</span>
        <Badge tone={TONES[state]}>{t(`settings.webhooks.states.${state}`)}</Badge>
        {waiting > 0 && <span className="tabular text-xs text-muted">{t('settings.webhooks.waiting', { count: waiting })}</span>}
      </div>
      <p className="truncate text-sm text-muted">{webhook.url}</p>
      {webhook.off_reason === 'gone' && <p className="mt-1 text-sm text-warn">{t('settings.webhooks.gone')}</p>}
      {webhook.probe_at !== undefined && (
        <p className="mt-1 text-sm text-warn">{t('settings.webhooks.quarantine', { count: webhook.failures, at: dates.short(webhook.probe_at, now) })}</p>
      )}
      {webhook.previous_until !== undefined && Date.parse(webhook.previous_until) > now && (
        <p className="mt-1 text-sm text-muted">{t('settings.webhooks.previous', { at: dates.short(webhook.previous_until, now) })}</p>
      )}
      <div role="group" aria-label={name} className="mt-2 -ml-3.5 flex flex-wrap gap-x-1">
        <Button look="quiet" onClick={onLog}>
          {t('settings.webhooks.deliveries')}
        </Button>
        <Button look="quiet" disabled={off || act.isPending} onClick={() => act.mutate({ call: () => testWebhook(id), words: t('settings.webhooks.tested') })}>
          {t('settings.webhooks.test')}
        </Button>
        <Button look="quiet" onClick={onChange}>
          {t('settings.webhooks.change')}
        </Button>
        <Button look="quiet" onClick={() => setAsks('rotate')}>
          {t('settings.webhooks.rotate')}
        </Button>
        <Button look="quiet" disabled={act.isPending} onClick={() => act.mutate({ call: () => changeWebhook(id, { off: !off }) })}>
          {t(off ? 'settings.webhooks.switchOn' : 'settings.webhooks.switchOff')}
        </Button>
        <Button look="quiet" onClick={() => setAsks('remove')}>
          {t('settings.webhooks.remove')}
        </Button>
      </div>
      {asks !== undefined && (
        <Confirm
          open
          onOpenChange={(next) => !next && setAsks(undefined)}
          title={t(asks === 'rotate' ? 'settings.webhooks.rotateAsk' : 'settings.webhooks.removeAsk', { name })}
          lead={t(asks === 'rotate' ? 'settings.webhooks.rotateLead' : 'settings.webhooks.removeLead')}
          yes={t(asks === 'rotate' ? 'settings.webhooks.rotate' : 'settings.webhooks.remove')}
          tone={asks === 'rotate' ? 'primary' : 'danger'}
          pending={act.isPending}
          onYes={() => act.mutate({ call: asks === 'rotate' ? async () => onSecret(await rotateSecret(id)) : () => removeWebhook(id) }, { onSettled: () => setAsks(undefined) })}
        />
      )}
    </li>
  );
}

/** The secret, once. */
function Secret({ webhook, onClose }: { webhook: NewWebhook; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog open onOpenChange={(next) => !next && onClose()} title={t('settings.webhooks.secret', { name: webhook.name })} lead={t('settings.webhooks.secretLead')}>
      <div className="flex items-center gap-2 rounded-lg bg-sunken px-3 py-2">
        <code className="min-w-0 flex-1 text-sm break-all">{webhook.secret}</code>
        <CopyButton text={webhook.secret} label={t('settings.webhooks.copySecret')} words={t('settings.webhooks.copy')} />
      </div>
      <div className="mt-4 flex justify-end">
        <Button look="primary" onClick={onClose}>
          {t('settings.webhooks.done')}
        </Button>
      </div>
    </Dialog>
  );
}
