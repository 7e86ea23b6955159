import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronRight, Workflow } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { flowsQuery } from '@/api/queries/flows';
import { PageFrame } from '@/app/page-frame';
import { Badge } from '@/components/badge';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import { useDates, useNow } from '@/i18n/format';

/** The account's flows. */
export default function FlowsPage() {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const query = useQuery(flowsQuery);
  return (
    <PageFrame title={t('flows.title')} lead={t('flows.lead')}>
      {query.isPending ? (
        <LoadingRows rows={5} />
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data.length === 0 ? (
        <EmptyState icon={Workflow} title={t('flows.empty')} hint={t('flows.emptyHint')} />
      ) : (
        <ul className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
          {query.data.map((flow) => (
            <li key={flow.id}>
              <Link
                to="/fluxos/$id"
                params={{ id: String(flow.id) }}
                className="group flex h-full flex-col gap-3 rounded-2xl border border-line bg-surface p-5 hover:border-line-strong"
              >
                <span className="flex items-start gap-3">
                  <span className="flex size-10 shrink-0 items-center justify-center rounded-xl bg-accent-soft text-accent-strong">
                    <Workflow aria-hidden="true" className="size-5" />
                  </span>
                  <span className="min-w-0 flex-1">
                    <span className="block leading-tight font-semibold text-balance">{flow.name}</span>
                    <span className="text-sm text-muted">{t(`flows.categories.${flow.category}`)}</span>
                  </span>
                  <ChevronRight aria-hidden="true" className="size-4 text-faint transition-transform group-hover:translate-x-0.5" />
                </span>
                <span className="mt-auto flex flex-wrap items-center gap-1.5">
                  {flow.published ? (
                    <Badge tone="good">
                      {t('flows.versionOf', { number: flow.published.number })} · {dates.short(flow.published.created_at, now)}
                    </Badge>
                  ) : (
                    <Badge tone="warn">{t('flows.unpublished')}</Badge>
                  )}
                  {flow.changed && <Badge>{t('flows.changed')}</Badge>}
                  {flow.active_runs > 0 && <Badge tone="info">{t('flows.activeRuns', { count: flow.active_runs })}</Badge>}
                  {flow.archived_at !== undefined && <Badge>{t('flows.archived')}</Badge>}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </PageFrame>
  );
}
