import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Search, Waypoints } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { flowRunsQuery } from '@/api/queries/flow-runs';
import { flowsQuery } from '@/api/queries/flows';
import type { FlowRun } from '@/api/types';
import { PageFrame } from '@/app/page-frame';
import { Button } from '@/components/button';
import { Chips } from '@/components/chips';
import { Paged } from '@/components/paged';
import { Select } from '@/components/select';
import { EmptyState } from '@/components/view-state';
import { phoneNumber, useDates, useNow } from '@/i18n/format';
import { endOf, reasonBesides, RunState } from './run-words';
import { runFiltersOf, type RunsSearch } from './search';
import { WaitingLine } from '@/components/waiting';

const STATES = [
  { value: undefined, words: 'all' },
  { value: 'esperando', words: 'waiting' },
  { value: 'chamando', words: 'calling' },
  { value: 'encerradas', words: 'ended' },
] as const;

/** How long somebody may be looking for runs that wait, in minutes. */
const WAITS = [
  ['hour', 60],
  ['day', 1440],
  ['week', 10_080],
] as const;

/** Every contact's way through a flow, with what it waits for, counting live. */
export default function RunsPage() {
  const { t } = useTranslation();
  const search = useSearch({ from: '/shell/execucoes' });
  const navigate = useNavigate();
  const query = useInfiniteQuery(flowRunsQuery(runFiltersOf(search)));
  const flows = useQuery(flowsQuery);
  const change = (next: Partial<RunsSearch>) => void navigate({ to: '/execucoes', search: { ...search, ...next }, replace: true });
  const filtered = search.situacao !== undefined || search.fluxo !== undefined || search.no !== undefined || search.minutos !== undefined;
  return (
    <PageFrame
      title={t('runs.title')}
      lead={t('runs.lead')}
      filters={
        <>
          <Chips
            label={t('app.filter')}
            value={search.situacao}
            chips={[
              ...STATES.map((state) => ({ value: state.value, words: t(`runs.filters.${state.words}`) })),
              { value: 'operador', words: t('runs.needsOperator'), tone: 'bad' },
            ]}
            onChange={(situacao) => change({ situacao })}
          />
          <Select
            label={t('runs.flow')}
            value={String(search.fluxo ?? '')}
            onChange={(value) => change({ fluxo: value === '' ? undefined : Number(value) })}
            options={[{ value: '', words: t('runs.anyFlow') }, ...(flows.data ?? []).map((flow) => ({ value: String(flow.id), words: flow.name }))]}
          />
          <Select
            label={t('runs.waiting')}
            value={String(search.minutos ?? '')}
            onChange={(value) => change({ minutos: value === '' ? undefined : Number(value) })}
            options={[{ value: '', words: t('runs.anyTime') }, ...WAITS.map(([name, minutes]) => ({ value: String(minutes), words: t(`runs.atLeast.${name}`) }))]}
          />
          <input
            type="search"
            aria-label={t('runs.anyNode')}
            placeholder={t('runs.anyNode')}
            defaultValue={search.no ?? ''}
            key={search.no ?? ''}
            maxLength={64}
            onBlur={(event) => change({ no: event.target.value.trim() || undefined })}
            onKeyDown={(event) => {
              if (event.key === 'Enter') event.currentTarget.blur();
            }}
            className="h-9 w-36 min-w-0 rounded-lg border border-line bg-raised px-3 text-sm text-ink placeholder:text-faint"
          />
        </>
      }
    >
      <Paged
        query={query}
        loadingRows={8}
        empty={
          filtered ? (
            <EmptyState icon={Search} title={t('runs.emptyFiltered')} hint={t('inbox.emptyFilteredHint')}>
              <Button onClick={() => void navigate({ to: '/execucoes', search: {}, replace: true })}>{t('app.clear')}</Button>
            </EmptyState>
          ) : (
            <EmptyState icon={Waypoints} title={t('runs.empty')} hint={t('runs.emptyHint')} />
          )
        }
      >
        {(runs) => (
          <ul className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
            {runs.map((run) => (
              <li key={run.id}>
                <RunRow run={run} />
              </li>
            ))}
          </ul>
        )}
      </Paged>
    </PageFrame>
  );
}

function RunRow({ run }: { run: FlowRun }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const contact = run.contact.name || (run.contact.phone ? phoneNumber(run.contact.phone) : t('inbox.unknownContact'));
  const reason = reasonBesides(run);
  return (
    <Link
      to="/execucoes/$id"
      params={{ id: String(run.id) }}
      className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-0.5 px-4 py-3 outline-offset-[-3px] hover:bg-sunken md:grid-cols-[minmax(0,1.1fr)_minmax(0,1fr)_minmax(0,1.3fr)_11rem]"
    >
      <span className="min-w-0">
        <span className="block truncate font-medium">{contact}</span>
        <span className="tabular block truncate text-xs text-muted">{t('runs.run', { id: run.id })}</span>
      </span>
      <span className="col-start-1 row-start-2 min-w-0 md:col-start-2 md:row-start-1">
        <span className="block truncate text-sm">
          {run.flow_name} <span className="tabular text-muted">{t('runs.version', { number: run.version })}</span>
        </span>
        {run.status !== 'ended' && <span className="block truncate text-xs text-muted">{t('contact.atNode', { node: run.node_name || run.node })}</span>}
      </span>
      <span className="col-span-2 min-w-0 text-sm text-muted md:col-span-1 md:col-start-3">
        {run.status === 'ended' ? (
          <span className="block truncate">
            {endOf(t, run)}
            {reason && run.outcome !== 'completed' ? `: ${t(`runs.reasons.${reason}`)}` : ''}
          </span>
        ) : (
          <WaitingLine run={run} />
        )}
      </span>
      <span className="col-start-2 row-start-1 flex flex-col items-end gap-1 md:col-start-4">
        <RunState run={run} />
        <time dateTime={run.started_at} title={dates.full(run.started_at)} className="tabular text-xs text-faint">
          {dates.short(run.ended_at ?? run.started_at, now)}
        </time>
      </span>
    </Link>
  );
}

