import { Popover } from '@base-ui/react/popover';
import { ExternalLink } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Message } from '@/api/types';
import { CopyButton } from '@/components/copy-button';
import { TemporalLink } from '@/components/temporal-link';
import { useDates, useNow } from '@/i18n/format';
import { explainFailure, META_CODES_URL } from '@/i18n/meta-error';
import { MessageActions } from './message-actions';
import { statusOf, Tick } from './ticks';

/** Meta's code with its meaning, a way to copy it and a way to the list (rules 126–130, 257). */
export function FailureExplained({ message }: { message: Message }) {
  const { t } = useTranslation();
  const code = message.error?.code;
  const { what, todo } = explainFailure(t, code);
  const shown = code === undefined ? t('status.noCode') : t('status.code', { code });
  return (
    <div className="space-y-1">
      <p className="font-medium">{what}</p>
      <p className="text-muted">{todo}</p>
      <p className="flex flex-wrap items-center gap-x-2 text-xs">
        <span className="font-mono">{shown}</span>
        {code !== undefined && (
          <>
            <CopyButton text={`${code} ${message.error?.detail ?? ''}`.trim()} label={t('status.copyCode')} words={t('status.copyCode')} />
            <a href={META_CODES_URL} target="_blank" rel="noopener noreferrer" className="inline-flex min-h-7 items-center gap-1 underline underline-offset-2">
              {t('status.codeLink')}
              <ExternalLink aria-hidden="true" className="size-3" />
              <span className="sr-only">{t('app.newTab')}</span>
            </a>
          </>
        )}
      </p>
    </div>
  );
}

/** Under a bubble: what an agent must know about a message that did not simply arrive. */
export function DeliveryNotice({ message }: { message: Message }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  switch (statusOf(message.status)) {
    case 'failed':
      return (
        <div className="mt-1 max-w-sm rounded-xl border border-bad/25 bg-surface px-3 py-2 text-[0.8125rem] text-bad">
          <FailureExplained message={message} />
        </div>
      );
    case 'retrying':
      return (
        <div className="mt-1 max-w-sm rounded-xl border border-warn/30 bg-surface px-3 py-2 text-[0.8125rem] text-warn">
          <p className="tabular font-medium">
            {message.retry_at ? t('status.nextTry', { when: dates.short(message.retry_at, now) }) : t('status.retrying')}
          </p>
          {message.error?.code !== undefined && <p className="text-muted">{explainFailure(t, message.error.code).what}</p>}
          {message.temporal_url && <TemporalLink href={message.temporal_url} />}
          <MessageActions message={message} />
        </div>
      );
    case 'unconfirmed':
      return (
        <div className="mt-1 max-w-sm rounded-xl border border-warn/30 bg-surface px-3 py-2 text-[0.8125rem] text-warn">
          <p className="font-medium">{t('status.unconfirmed')}</p>
          <p className="text-muted">{t('status.unconfirmedHint')}</p>
          <MessageActions message={message} />
        </div>
      );
    case 'held':
      return (
        <div className="mt-1 max-w-md text-xs text-warn">
          <p>{t('status.held')}</p>
          <MessageActions message={message} />
        </div>
      );
    default:
      return null;
  }
}

const STEPS = [
  ['accepted_at', 'accepted'],
  ['sent_at', 'sent'],
  ['delivered_at', 'delivered'],
  ['read_at', 'read'],
  ['played_at', 'played'],
  ['failed_at', 'failed'],
] as const;

/** The tick as a button: it tells when each status was reached, and Meta's words if it failed. */
export function TickDetails({ message }: { message: Message }) {
  const { t } = useTranslation();
  const dates = useDates();
  const status = statusOf(message.status);
  const name = t(`status.${status}`);
  const reached = STEPS.filter(([field]) => message[field] !== undefined);
  return (
    <Popover.Root>
      <Popover.Trigger
        aria-label={`${t('status.info')}: ${name}`}
        className="-my-1 -mr-1 inline-flex min-h-6 min-w-6 items-center justify-center rounded hover:bg-ink/8"
      >
        <Tick status={status} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" className="z-30">
          <Popover.Popup className="w-72 rounded-xl border border-line bg-raised p-4 text-sm shadow-card outline-none">
            <Popover.Title className="mb-2 flex items-center gap-2 font-semibold">
              <Tick status={status} />
              {name}
            </Popover.Title>
            <dl className="space-y-1">
              {reached.map(([field, step]) => (
                <div key={field} className="tabular flex justify-between gap-3">
                  <dt className="text-muted">{t(`status.${step}`)}</dt>
                  <dd>{dates.time(message[field] ?? '')}</dd>
                </div>
              ))}
              <div className="tabular flex justify-between gap-3">
                <dt className="text-muted">{t('status.queued')}</dt>
                <dd>{dates.time(message.created_at)}</dd>
              </div>
            </dl>
            {message.attempts > 1 && <p className="mt-2 text-muted">{t('status.attempts', { count: message.attempts })}</p>}
            {message.error?.detail && (
              <p lang="en" className="mt-2 rounded-lg bg-sunken px-2.5 py-1.5 text-xs text-muted">
                {message.error.detail}
              </p>
            )}
            {message.provider_message_id && (
              <p className="mt-2 flex items-center gap-1 font-mono text-xs text-faint">
                <span className="truncate">{message.provider_message_id}</span>
                <CopyButton text={message.provider_message_id} label={t('app.copy')} />
              </p>
            )}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
