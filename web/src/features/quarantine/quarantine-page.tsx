import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { quarantineQuery } from '@/api/queries/quarantine';
import type { Quarantined } from '@/api/types';
import { PageFrame } from '@/app/page-frame';
import { usePreferences } from '@/app/preferences';
import { Badge } from '@/components/badge';
import { Chips } from '@/components/chips';
import { Paged } from '@/components/paged';
import { EmptyState } from '@/components/view-state';
import { fileSize, useDates, useNow } from '@/i18n/format';

/** What came and could not be read: kept with its bytes, to be taken in again when the cause is mended. */
export default function QuarantinePage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const resolved = useSearch({ from: '/shell/quarentena' }).situacao === 'resolvidas';
  const query = useInfiniteQuery(quarantineQuery(resolved));
  return (
    <PageFrame
      title={t('quarantine.title')}
      lead={t('quarantine.lead')}
      actions={
        <Chips
          label={t('app.filter')}
          value={resolved ? 'resolvidas' : undefined}
          chips={[
            { value: undefined, words: t('quarantine.filters.open') },
            { value: 'resolvidas', words: t('quarantine.filters.resolved') },
          ]}
          onChange={(situacao) => void navigate({ to: '/quarentena', search: situacao ? { situacao } : {}, replace: true })}
        />
      }
    >
      <Paged query={query} loadingRows={4} empty={<EmptyState icon={ShieldCheck} title={t('quarantine.empty')} hint={t('quarantine.emptyHint')} />}>
        {(rows) => (
          <ul className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
            {rows.map((row) => (
              <Row key={row.id} row={row} />
            ))}
          </ul>
        )}
      </Paged>
    </PageFrame>
  );
}

function Row({ row }: { row: Quarantined }) {
  const { t } = useTranslation();
  const dates = useDates();
  const { language } = usePreferences();
  const now = useNow(60_000);
  return (
    <li className="space-y-1 px-5 py-4">
      <p className="flex flex-wrap items-center gap-2">
        <span className="font-medium">{t(`quarantine.elements.${row.element}`)}</span>
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
