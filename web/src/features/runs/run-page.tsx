import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { TFunction } from 'i18next';
import { ArrowLeft, Eye, EyeOff, MapPin, Waypoints } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { flowRunQuery } from '@/api/queries/flow-runs';
import type { FlowRunDetail } from '@/api/types';
import { PageFrame } from '@/app/page-frame';
import { Button } from '@/components/button';
import { Card } from '@/components/card';
import { Fact, Facts } from '@/components/facts';
import { TemporalLink } from '@/components/temporal-link';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { WaitEnd } from '@/components/waiting';
import { phoneNumber, span, useDates, useNow } from '@/i18n/format';
import { isSharedOutput, outputName } from '@/i18n/output-name';
import { KeepAsTest } from './keep-test';
import { endOf, RunState } from './run-words';

/** One run: what it waits for, since when and until when, which way it came, what it knows. */
export default function RunPage({ id }: { id: number }) {
  const { t } = useTranslation();
  const query = useQuery(flowRunQuery(id));
  const back = (
    <Link to="/execucoes" className="mb-3 inline-flex min-h-8 items-center gap-1.5 self-start text-sm font-medium text-muted hover:text-ink">
      <ArrowLeft aria-hidden="true" className="size-4" />
      {t('runs.title')}
    </Link>
  );
  if (!query.data) {
    return (
      <PageFrame title={t('runs.run', { id })} before={back}>
        {query.isError ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <LoadingRows rows={5} />}
      </PageFrame>
    );
  }
  const run = query.data;
  return (
    <PageFrame
      title={t('runs.run', { id })}
      lead={`${run.flow_name} ${t('runs.version', { number: run.version })}`}
      before={back}
      actions={
        <>
          <RunState run={run} />
          <Link
            to="/fluxos/$id"
            params={{ id: String(run.flow_id) }}
            search={{ versao: run.version, execucao: run.id }}
            className="inline-flex min-h-9 items-center gap-2 rounded-lg border border-line bg-surface px-3 text-sm font-medium hover:bg-sunken"
          >
            <Waypoints aria-hidden="true" className="size-4" />
            {t('runs.seeInFlow')}
          </Link>
          <KeepAsTest run={run} />
          {run.temporal_url && <TemporalLink href={run.temporal_url} className="min-h-9 rounded-lg border border-line bg-surface px-3 text-sm" />}
        </>
      }
    >
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1.4fr)_minmax(0,1fr)]">
        <div className="space-y-4">
          <Standing run={run} />
          <Trail run={run} />
        </div>
        <div className="space-y-4">
          <Details run={run} />
          <Variables run={run} />
        </div>
      </div>
    </PageFrame>
  );
}

function Standing({ run }: { run: FlowRunDetail }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(1000);
  if (run.status === 'ended') {
    return (
      <Card title={endOf(t, run) ?? t('runs.status.ended')}>
        <Facts>
          {run.end_reason !== run.outcome && <Fact name={t('runs.reason')}>{run.end_reason ? t(`runs.reasons.${run.end_reason}`) : t('app.none')}</Fact>}
          <Fact name={t('runs.status.ended')}>{run.ended_at ? dates.short(run.ended_at, now) : t('app.none')}</Fact>
        </Facts>
      </Card>
    );
  }
  return (
    <Card title={run.wait_kind ? t('runs.waitsFor', { what: t(`runs.waitingFor.${run.wait_kind}`) }) : t(`runs.status.${run.status}`)}>
      {run.wait_kind === 'operator' && run.end_reason && (
        <p className="mb-4 rounded-lg bg-bad-soft px-3 py-2 text-sm font-medium text-bad">{t('runs.stoppedBecause', { reason: t(`runs.reasons.${run.end_reason}`) })}</p>
      )}
      <Facts columns={3}>
        <Fact name={t('runs.atNode')}>{run.node_name || run.node}</Fact>
        <Fact name={t('runs.waitsSince')}>
          {run.wait_since ? `${dates.short(run.wait_since, now)} · ${t('runs.waitedFor', { time: span(now - Date.parse(run.wait_since)) })}` : t('app.none')}
        </Fact>
        <Fact name={t('runs.waitsUntil')}>
          <WaitEnd run={run} />
        </Fact>
      </Facts>
    </Card>
  );
}

function Trail({ run }: { run: FlowRunDetail }) {
  const { t } = useTranslation();
  const visits = [...run.trail].reverse();
  const last = visits[0];
  // The last visit that was not left is where the run is.
  const standing = run.status !== 'ended';
  const onTop = standing && (last === undefined || last.output !== undefined || last.node !== run.node);
  return (
    <Card title={t('runs.trail')} hint={t('runs.trailHint')}>
      {visits.length === 0 && !onTop ? (
        <p className="text-sm text-muted">{t('runs.trailEmpty')}</p>
      ) : (
        <ol className="relative ml-2 space-y-3 border-l-2 border-line pl-5">
          {onTop && <Here name={run.node_name || run.node} />}
          {visits.map((visit) =>
            standing && !onTop && visit === last ? (
              <Here key={visit.number} name={visit.node_name || visit.node} />
            ) : (
              <li key={visit.number} className="relative text-sm">
                <span aria-hidden="true" className="absolute top-1.5 -left-[1.6rem] size-2 rounded-full bg-line-strong" />
                <span className="font-medium">{visit.node_name || visit.node}</span>
                {visit.output !== undefined && <span className="text-muted"> · {wayOut(t, visit.output, visit === last ? run : undefined)}</span>}
                {visit.flow !== undefined && <span className="text-faint"> · {visit.flow}</span>}
              </li>
            ),
          )}
        </ol>
      )}
    </Card>
  );
}

/** How a node was left: by an output (a choice may be named like an end), or, the last one, with the run's end. */
function wayOut(t: TFunction, output: string, ended: FlowRunDetail | undefined): string {
  const end = ended && output === (ended.outcome_name ?? ended.outcome) && !isSharedOutput(output) ? endOf(t, ended) : undefined;
  return end ?? t('runs.leftBy', { output: outputName(t, output) });
}

function Here({ name }: { name: string }) {
  const { t } = useTranslation();
  return (
    <li className="relative text-sm" aria-current="step">
      <MapPin aria-hidden="true" className="absolute -left-[1.95rem] size-5 rounded-full bg-surface fill-accent-soft text-accent" />
      <span className="font-semibold">{name}</span>
      <span className="text-accent-strong"> · {t('runs.here')}</span>
    </li>
  );
}

function Details({ run }: { run: FlowRunDetail }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const trigger = run.started_by.kind;
  const contact = run.contact.name || (run.contact.phone ? phoneNumber(run.contact.phone) : t('inbox.unknownContact'));
  const link = 'font-medium text-accent-strong underline-offset-4 hover:underline';
  return (
    <Card title={t('app.details')}>
      <Facts>
        <Fact name={t('runs.contact')}>{contact}</Fact>
        <Fact name={t('runs.conversation')}>
          <Link to="/conversas/$number" params={{ number: String(run.conversation_number) }} className={link}>
            {t('contact.number', { number: run.conversation_number })}
          </Link>
        </Fact>
        <Fact name={t('runs.flow')}>
          <Link to="/fluxos/$id" params={{ id: String(run.flow_id) }} search={{ versao: run.version }} className={link}>
            {run.flow_name} {t('runs.version', { number: run.version })}
          </Link>
        </Fact>
        <Fact name={t('runs.trigger')}>{trigger ? t(`runs.triggers.${trigger}`) : t('app.none')}</Fact>
        <Fact name={t('runs.started')}>{dates.short(run.started_at, now)}</Fact>
        <Fact name={t('runs.step')}>{run.step}</Fact>
        <Fact name="Temporal">
          <span className="font-mono text-xs">{run.workflow_id}</span>
        </Fact>
      </Facts>
    </Card>
  );
}

/** A value as one line of JSON, without its quotes if it is text. */
function valueText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function Variables({ run }: { run: FlowRunDetail }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const entries = [...Object.entries(run.variables), ...Object.entries(run.answers).filter(([name]) => !(name in run.variables))];
  const Icon = shown ? EyeOff : Eye;
  return (
    <Card
      title={t('runs.variables')}
      hint={run.values_hidden ? t('runs.valuesHidden') : t('runs.variablesHint')}
      actions={
        entries.length > 0 &&
        !run.values_hidden && (
          <Button look="quiet" aria-pressed={shown} onClick={() => setShown(!shown)}>
            <Icon aria-hidden="true" className="size-4" />
            {shown ? t('runs.hideValues') : t('runs.showValues')}
          </Button>
        )
      }
    >
      {entries.length === 0 ? (
        <p className="text-sm text-muted">{t('runs.variablesEmpty')}</p>
      ) : (
        <dl className="divide-y divide-line">
          {entries.map(([name, value]) => (
            <div key={name} className="flex items-baseline justify-between gap-4 py-1.5">
              <dt className="font-mono text-sm">{name}</dt>
              <dd className="min-w-0 text-right text-sm break-all text-muted">
                {shown ? (
                  valueText(value)
                ) : (
                  <>
                    <span aria-hidden="true">••••••</span>
                    <span className="sr-only">{t('runs.masked')}</span>
                  </>
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}
