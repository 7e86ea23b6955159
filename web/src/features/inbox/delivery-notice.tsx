import { ExternalLink } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Message } from '@/api/types';
import { CopyButton } from '@/components/copy-button';
import { TemporalLink } from '@/components/temporal-link';
import { useDates, useNow } from '@/i18n/format';
import { explainFailure, META_CODES_URL } from '@/i18n/meta-error';
import '@/i18n/rest';
import { MessageActions } from './message-actions';
import { statusOf } from './ticks';

/** Meta's code with its meaning, a way to copy it and a way to the list (rules 126–130, 257). */
function FailureExplained({ message }: { message: Message }) {
  const { t } = useTranslation();
  const code = message.error?.code;
  // What WhatsApp had accepted and then gave up without a code is no failure of the network.
  const { what, todo } = explainFailure(t, code ?? (message.accepted_at ? -1 : undefined));
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
export default function DeliveryNotice({ message }: { message: Message }) {
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
