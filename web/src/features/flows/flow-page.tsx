import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, List, PenTool, Waypoints, Workflow } from 'lucide-react';
import { lazy, Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { flowQuery, flowVersionQuery, flowVersionsQuery } from '@/api/queries/flows';
import { flowRunQuery } from '@/api/queries/flow-runs';
import { useMe } from '@/api/queries/sign-in';
import type { Flow } from '@/api/types';
import { useTitle } from '@/app/page-frame';
import { usePreferences } from '@/app/preferences';
import { Badge } from '@/components/badge';
import { Segments } from '@/components/chips';
import { Select } from '@/components/select';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import { useDates, useNow } from '@/i18n/format';
import { readDocument } from './document';
import { Outline } from './outline';
import { RunWay, wayOf } from './run-way';
import type { FlowSearch } from './search';

// Canvas and layout are heavy: they come when somebody looks at a drawing.
const FlowCanvas = lazy(() => import('./flow-canvas'));

/** One flow: the drawing or the list of a version, and what the linter says about the draft. */
export default function FlowPage({ id, search }: { id: number; search: FlowSearch }) {
  const { t } = useTranslation();
  const query = useQuery(flowQuery(id));
  useTitle(query.data?.name ?? t('flows.title'));
  const back = (
    <Link to="/fluxos" className="inline-flex min-h-8 items-center gap-1.5 text-sm font-medium text-muted hover:text-ink">
      <ArrowLeft aria-hidden="true" className="size-4" />
      {t('flows.title')}
    </Link>
  );
  return (
    <div className="flex h-full min-h-0 flex-col">
      {query.data ? (
        <OneFlow flow={query.data} search={search} back={back} />
      ) : (
        <>
          <div className="px-4 pt-4">{back}</div>
          {query.isError ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <LoadingRows rows={5} />}
        </>
      )}
    </div>
  );
}

function OneFlow({ flow, search, back }: { flow: Flow; search: FlowSearch; back: React.ReactNode }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const navigate = useNavigate();
  const mayWrite = useMe().permissions.includes('flows:write') && flow.archived_at === undefined;
  const versions = useQuery(flowVersionsQuery(flow.id));
  const mayReadRuns = useMe().permissions.includes('flow_runs:read');
  const run = useQuery({ ...flowRunQuery(search.execucao ?? 0), enabled: mayReadRuns && search.execucao !== undefined }).data;
  const shownRun = run?.flow_id === flow.id && run.version === search.versao ? run : undefined;
  const way = useMemo(() => (shownRun ? wayOf(shownRun) : undefined), [shownRun]);
  const chosen = search.versao ?? flow.published?.number ?? 'rascunho';
  const version = useQuery({ ...flowVersionQuery(flow.id, chosen === 'rascunho' ? 0 : chosen), enabled: chosen !== 'rascunho' });
  const source = chosen === 'rascunho' ? flow.draft : version.data?.graph;
  const document = useMemo(() => readDocument(source), [source]);
  // A narrow screen reads better than it pans.
  const view = search.ver ?? (typeof matchMedia === 'function' && matchMedia('(max-width: 47.99rem)').matches ? 'lista' : 'desenho');
  const change = (next: Partial<FlowSearch>) => void navigate({ to: '/fluxos/$id', params: { id: String(flow.id) }, search: { ...search, ...next }, replace: true });
  const options = [
    ...(versions.data ?? []).map((each) => ({
      value: String(each.number),
      words: `${t('flows.versionOf', { number: each.number })} · ${dates.short(each.created_at, now)}`,
    })),
    { value: 'rascunho', words: t('flows.draft') },
  ];
  if (!options.some((option) => option.value === String(chosen))) {
    options.unshift({ value: String(chosen), words: t('flows.versionOf', { number: chosen }) });
  }
  return (
    <>
      <header className="border-b border-line bg-surface px-4 pt-3 pb-3 sm:px-6">
        {back}
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <div className="min-w-0 flex-1 basis-56">
            <h1 className="truncate text-xl font-semibold tracking-tight">{flow.name}</h1>
            <p className="flex flex-wrap items-center gap-1.5 text-sm text-muted">
              {t(`flows.categories.${flow.category}`)} · {t('flows.nodes', { count: document.nodes.length })}
              {flow.active_runs > 0 && (
                <Link to="/execucoes" search={{ fluxo: flow.id }} className="ml-1">
                  <Badge tone="info">{t('flows.activeRuns', { count: flow.active_runs })}</Badge>
                </Link>
              )}
            </p>
          </div>
          <Select
            label={t('flows.versions')}
            value={String(chosen)}
            options={options}
            onChange={(value) => change({ versao: value === 'rascunho' ? 'rascunho' : Number(value) })}
            className="max-w-full"
          />
          <Segments
            label={t('flows.view')}
            value={view}
            onChange={(ver) => change({ ver })}
            options={[
              { value: 'desenho', words: t('flows.graph'), icon: <Waypoints aria-hidden="true" className="size-4" /> },
              { value: 'lista', words: t('flows.outline'), icon: <List aria-hidden="true" className="size-4" /> },
            ]}
          />
          {mayWrite && (
            <Link
              to="/fluxos/$id/editar"
              params={{ id: String(flow.id) }}
              search={{}}
              className="inline-flex min-h-9 items-center gap-2 rounded-lg bg-accent px-3.5 text-sm font-medium text-on-accent hover:bg-accent-strong"
            >
              <PenTool aria-hidden="true" className="size-4" />
              {t('flows.draw')}
            </Link>
          )}
        </div>
      </header>
      <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
        <div className="min-h-0 min-w-0 flex-1">
          {chosen !== 'rascunho' && version.isPending ? (
            <LoadingRows rows={6} />
          ) : chosen !== 'rascunho' && version.isError ? (
            <ErrorState error={version.error} onRetry={() => void version.refetch()} />
          ) : document.nodes.length === 0 ? (
            <EmptyState icon={Workflow} title={t('flows.emptyGraph')} hint={t('flows.emptyGraphHint')} />
          ) : view === 'desenho' ? (
            <Suspense fallback={<p role="status" className="p-8 text-center text-muted">{t('flows.drawing')}</p>}>
              <FlowCanvas key={`${flow.id}/${chosen}/${shownRun?.id ?? ''}`} document={document} name={flow.name} {...(way && { way })} />
            </Suspense>
          ) : (
            <div className="h-full overflow-y-auto p-4 sm:p-6">
              <div className="mx-auto max-w-3xl overflow-hidden rounded-2xl border border-line bg-surface">
                <Outline document={document} name={flow.name} />
              </div>
            </div>
          )}
        </div>
        {shownRun && <RunWay run={shownRun} />}
        {chosen === 'rascunho' && flow.problems.length > 0 && <Problems flow={flow} />}
      </div>
    </>
  );
}

function Problems({ flow }: { flow: Flow }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const tones = { error: 'bad', warning: 'warn', hint: 'neutral' } as const;
  return (
    <aside aria-label={t('flows.problems')} className="max-h-40 overflow-y-auto border-t border-line bg-surface p-4 lg:max-h-none lg:w-80 lg:border-t-0 lg:border-l">
      <h2 className="mb-2 font-semibold">{t('flows.problems')}</h2>
      <ul className="space-y-2.5">
        {flow.problems.map((problem) => (
          <li key={`${problem.code} ${problem.pointer}`} className="text-sm">
            <Badge tone={tones[problem.severity]}>{t(`flows.severities.${problem.severity}`)}</Badge>
            <p className="mt-0.5">{problem.text[language] ?? problem.text['pt-BR'] ?? problem.code}</p>
            <p className="font-mono text-xs break-all text-faint">{problem.pointer}</p>
          </li>
        ))}
      </ul>
    </aside>
  );
}
