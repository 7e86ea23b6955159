import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { quarantineQuery } from '@/api/queries/operations';
import { flatten } from '@/api/queries/pages';
import type { Quarantined } from '@/api/types';
import { PageFrame } from '@/app/page-frame';
import { usePreferences } from '@/app/preferences';
import { Badge } from '@/components/badge';
import { Button } from '@/components/button';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import { fileSize, useDates, useNow } from '@/i18n/format';

/** What came and could not be read: kept with its bytes, to be taken in again when the cause is mended. */
export default function QuarantinePage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const resolved = useSearch({ from: '/shell/quarentena' }).situacao === 'resolvidas';
  const query = useInfiniteQuery(quarantineQuery(resolved));
  const rows = flatten(query.data);
  return (
    <PageFrame
      title={t('quarantine.title')}
      lead={t('quarantine.lead')}
      actions={
        <div role="group" aria-label={t('app.filter')} className="flex gap-1">
          {[false, true].map((each) => (
            <button
              key={String(each)}
              type="button"
              aria-pressed={resolved === each}
              onClick={() => void navigate({ to: '/quarentena', search: each ? { situacao: 'resolvidas' } : {}, replace: true })}
              className="min-h-8 rounded-full px-3 text-sm font-medium text-muted hover:bg-sunken aria-pressed:bg-accent aria-pressed:text-on-accent"
            >
              {each ? t('quarantine.filters.resolved') : t('quarantine.filters.open')}
            </button>
          ))}
        </div>
      }
    >
      {query.isPending ? (
        <LoadingRows rows={4} />
      ) : query.isError && rows.length === 0 ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyState icon={ShieldCheck} title={t('quarantine.empty')} hint={t('quarantine.emptyHint')} />
      ) : (
        <>
          <ul className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
            {rows.map((row) => (
              <Row key={row.id} row={row} />
            ))}
          </ul>
          {query.hasNextPage && (
            <Button className="mt-4 self-center" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {query.isFetchingNextPage ? t('app.loading') : t('app.loadMore')}
            </Button>
          )}
        </>
      )}
    </PageFrame>
  );
}

const ELEMENTS = [
  'message',
  'echo',
  'status',
  'identity_change',
  'preference',
  'template',
  'number',
  'account',
  'error',
  'app_contact',
  'history',
  'call',
  'unknown',
  'unparseable',
] as const;

function Row({ row }: { row: Quarantined }) {
  const { t } = useTranslation();
  const element = ELEMENTS.find((each) => each === row.element);
  const dates = useDates();
  const { language } = usePreferences();
  const now = useNow(60_000);
  return (
    <li className="space-y-1 px-5 py-4">
      <p className="flex flex-wrap items-center gap-2">
        {element ? <span className="font-medium">{t(`quarantine.elements.${element}`)}</span> : <span className="font-mono text-sm font-medium">{row.element}</span>}
        <Badge tone={row.resolved_at ? 'good' : 'warn'}>
          {row.resolved_at ? t('quarantine.resolved', { when: dates.short(row.resolved_at, now) }) : t('quarantine.waiting')}
        </Badge>
        <time dateTime={row.received_at} title={dates.full(row.received_at)} className="tabular ml-auto text-xs text-faint">
          {dates.short(row.received_at, now)}
        </time>
      </p>
      <p className="text-sm">
        {t(`quarantine.codes.${row.code}.what`)} {!row.resolved_at && <span className="text-muted">{t(`quarantine.codes.${row.code}.todo`)}</span>}
      </p>
      <p className="text-xs text-muted">
        {t('quarantine.details')}: <span lang="en">{row.reason}</span>
      </p>
      <p className="tabular text-xs text-muted">
        {[row.connection_name, fileSize(row.size, language), row.replays > 0 ? t('quarantine.replays', { count: row.replays }) : ''].filter(Boolean).join(' · ')}
      </p>
      {row.last_error && (
        <p className="text-xs text-bad">
          {t('quarantine.lastError')}: {row.last_code && `${t(`quarantine.codes.${row.last_code}.what`)} `}
          <span lang="en">({row.last_error})</span>
        </p>
      )}
      {row.resolution && <p className="text-xs text-muted">{row.resolution}</p>}
    </li>
  );
}
