import { Link } from '@tanstack/react-router';
import { Eye, EyeOff, MapPin } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FlowRunDetail } from '@/api/types';
import { Button } from '@/components/button';
import { TemporalLink } from '@/components/temporal-link';
import { outputName } from '@/i18n/output-name';

/** The way of a run through its own version: the outputs that it travelled, as “node:output”, and where it stands. */
export interface Way {
  travelled: ReadonlySet<string>;
  visited: ReadonlySet<string>;
  here: string | undefined;
}

/** The way that a run's trail says. Blocks of sub-flows are on no drawing of this flow. */
export function wayOf(run: FlowRunDetail): Way {
  const own = run.trail.filter(({ flow }) => flow === undefined);
  return {
    travelled: new Set(own.flatMap(({ node, output }) => (output === undefined ? [] : [`${node}:${output}`]))),
    visited: new Set([...own.map(({ node }) => node), run.node]),
    here: run.status === 'ended' ? undefined : run.node,
  };
}

/** A conversation next to the drawing: its way block by block, and what it knows. */
export function RunWay({ run }: { run: FlowRunDetail }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const names = Object.keys(run.variables).sort();
  const Icon = shown ? EyeOff : Eye;
  return (
    <aside aria-label={t('flows.way')} className="max-h-64 overflow-y-auto border-t border-line bg-surface p-4 lg:max-h-none lg:w-80 lg:border-t-0 lg:border-l">
      <h2 className="font-semibold">{t('flows.way')}</h2>
      <p className="mb-3 flex flex-wrap gap-x-3 text-sm">
        <Link to="/execucoes/$id" params={{ id: String(run.id) }} className="font-medium text-accent-strong underline-offset-4 hover:underline">
          {t('runs.run', { id: run.id })}
        </Link>
        {run.temporal_url && <TemporalLink href={run.temporal_url} />}
      </p>
      <ol className="space-y-1.5 text-sm">
        {run.trail.map((visit) => (
          <li key={visit.number}>
            <span className="font-medium">{visit.node_name || visit.node}</span>
            {visit.output !== undefined && <span className="text-muted"> · {outputName(t, visit.output)}</span>}
          </li>
        ))}
        {run.status !== 'ended' && (
          <li aria-current="step" className="flex items-center gap-1.5 font-semibold">
            <MapPin aria-hidden="true" className="size-4 text-accent" />
            {run.node_name || run.node}
          </li>
        )}
      </ol>
      {names.length > 0 && (
        <>
          <div className="mt-4 mb-1 flex items-center justify-between gap-2">
            <h3 className="text-sm font-semibold">{t('runs.variables')}</h3>
            {!run.values_hidden && (
              <Button look="quiet" aria-pressed={shown} onClick={() => setShown(!shown)}>
                <Icon aria-hidden="true" className="size-4" />
                {shown ? t('runs.hideValues') : t('runs.showValues')}
              </Button>
            )}
          </div>
          <dl className="space-y-1 text-xs">
            {names.map((name) => {
              const value = run.variables[name];
              return (
                <div key={name} className="flex gap-2">
                  <dt className="w-28 shrink-0 truncate font-mono text-muted">{name}</dt>
                  <dd className="min-w-0 break-words">{shown ? (typeof value === 'string' ? value : JSON.stringify(value)) : '•••'}</dd>
                </div>
              );
            })}
          </dl>
        </>
      )}
    </aside>
  );
}
