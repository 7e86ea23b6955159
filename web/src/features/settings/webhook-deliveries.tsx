import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { deliveriesQuery, replayWebhook, resendDelivery } from '@/api/queries/webhooks';
import type { Webhook, WebhookDelivery } from '@/api/types';
import { Badge, type Tone } from '@/components/badge';
import { Button } from '@/components/button';
import { Chips } from '@/components/chips';
import { Dialog } from '@/components/dialog';
import { Paged } from '@/components/paged';
import { toast } from '@/components/toast';
import { useDates, useNow } from '@/i18n/format';
import { useWebhookAct } from './webhooks-section';

const DAY = 24 * 3600 * 1000;
const STATES = ['waiting', 'delivered', 'failed'] as const satisfies readonly WebhookDelivery['state'][];
const TONES = { waiting: 'warn', delivered: 'good', failed: 'bad' } as const satisfies Record<WebhookDelivery['state'], Tone>;

/** The log of a webhook: what was sent, what was answered, and the buttons that send again. */
export function WebhookDeliveries({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const { t } = useTranslation();
  const [state, setState] = useState<WebhookDelivery['state']>();
  const query = useInfiniteQuery(deliveriesQuery(webhook.id, state));
  const act = useWebhookAct();
  const replay = (since: number, failed: boolean) =>
    act.mutate({
      call: async () => {
        const { count } = await replayWebhook(webhook.id, { from: new Date(Date.now() - since).toISOString(), to: new Date().toISOString(), failed });
        toast({ words: t('settings.webhooks.replayed', { count }) });
      },
    });
  return (
    <Dialog open width="wide" onOpenChange={(next) => !next && onClose()} title={t('settings.webhooks.deliveriesOf', { name: webhook.name })} lead={t('settings.webhooks.deliveriesLead')}>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <Chips
          label={t('settings.webhooks.which')}
          value={state}
          chips={[{ value: undefined, words: t('settings.webhooks.all') }, ...STATES.map((value) => ({ value, words: t(`settings.webhooks.deliveryStates.${value}`) }))]}
          onChange={setState}
        />
        <span className="flex flex-wrap gap-2 sm:ml-auto">
          <Button disabled={act.isPending} onClick={() => replay(30 * DAY, true)}>
            {t('settings.webhooks.replayFailed')}
          </Button>
          <Button disabled={act.isPending} onClick={() => replay(DAY, false)}>
            {t('settings.webhooks.replay')}
          </Button>
        </span>
      </div>
      <Paged query={query} loadingRows={3} empty={<p className="py-6 text-sm text-muted">{t('settings.webhooks.noDeliveries')}</p>}>
        {(rows) => (
          <ul aria-label={t('settings.webhooks.deliveries')} className="divide-y divide-line rounded-2xl border border-line bg-surface">
            {rows.map((delivery) => (
              <Delivery
                key={delivery.id}
                delivery={delivery}
                pending={act.isPending}
                onResend={() => act.mutate({ call: () => resendDelivery(delivery.id), words: t('settings.webhooks.resent') })}
              />
            ))}
          </ul>
        )}
      </Paged>
    </Dialog>
  );
}

function Delivery({ delivery, pending, onResend }: { delivery: WebhookDelivery; pending: boolean; onResend: () => void }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(30_000);
  const { state, attempts, last_status, last_error, next_at } = delivery;
  const facts = [
    attempts > 0 && t('settings.webhooks.attempts', { count: attempts }),
    last_status !== undefined && t('settings.webhooks.status', { status: last_status }),
    last_error !== undefined && t(`settings.webhooks.errors.${last_error}`),
    delivery.last_took_ms !== undefined && `${delivery.last_took_ms} ms`,
    next_at !== undefined && t('settings.webhooks.next', { at: dates.short(next_at, now) }),
  ].filter((each) => each !== false);
  return (
    <li className="px-4 py-2">
      <details>
        <summary className="flex min-h-10 cursor-pointer flex-wrap items-center gap-x-3 gap-y-1 rounded-lg">
          <Badge tone={TONES[state]}>{t(`settings.webhooks.deliveryStates.${state}`)}</Badge>
          <span className="text-sm font-medium">{delivery.event}</span>
          <time dateTime={delivery.created_at} title={dates.full(delivery.created_at)} className="tabular text-sm text-muted">
            {dates.short(delivery.created_at, now)}
          </time>
          <span className="tabular basis-full text-xs text-muted">{facts.join(' · ')}</span>
        </summary>
        <dl className="mt-2 space-y-2 pb-2 text-sm">
          <div>
            <dt className="text-muted">{t('settings.webhooks.eventId')}</dt>
            <dd className="break-all">{delivery.event_id}</dd>
          </div>
          {delivery.last_answer !== undefined && (
            <div>
              <dt className="text-muted">{t('settings.webhooks.answer')}</dt>
              <dd className="break-all">{delivery.last_answer}</dd>
            </div>
          )}
          <div>
            <dt className="text-muted">{t('settings.webhooks.body')}</dt>
            <dd>
              <pre className="mt-1 rounded-lg bg-sunken p-3 text-xs wrap-anywhere whitespace-pre-wrap">{pretty(delivery.body)}</pre>
            </dd>
          </div>
        </dl>
        <Button disabled={pending} onClick={onResend}>
          {t('settings.webhooks.resend')}
        </Button>
      </details>
    </li>
  );
}

/** A body with its fields one under another. */
function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
