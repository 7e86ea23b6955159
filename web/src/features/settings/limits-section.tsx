import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { quotasQuery } from '@/api/queries/account';
import type { Quota } from '@/api/types';
import { usePreferences } from '@/app/preferences';
import { Badge } from '@/components/badge';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { fileSize } from '@/i18n/format';
import { SectionHead } from './list-section';

/** From which part of a limit on the console warns. */
const NEAR = 0.8;

/** The account's limits with what is used of each. What is full comes first. */
export function LimitsSection() {
  const { t } = useTranslation();
  const query = useQuery(quotasQuery);
  return (
    <section>
      <SectionHead title={t('settings.limits.title')} lead={t('settings.limits.lead')} />
      {query.isPending ? (
        <LoadingRows />
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <ul aria-label={t('settings.limits.title')} className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
          {query.data.toSorted((a, b) => part(b) - part(a)).map((quota) => (
            <Limit key={quota.name} quota={quota} />
          ))}
        </ul>
      )}
    </section>
  );
}

function part({ used, most }: Quota): number {
  return most > 0 ? used / most : 1;
}

function Limit({ quota }: { quota: Quota }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const { name, used, most, dropped } = quota;
  const bytes = name.endsWith('_bytes');
  const say = (n: number) => (bytes ? fileSize(n, language) : new Intl.NumberFormat(language).format(n));
  const words = t(`settings.limits.names.${name}`, { defaultValue: name });
  const state = part(quota) >= 1 ? 'full' : part(quota) >= NEAR ? 'near' : undefined;
  const dropping = name.startsWith('quarantine');
  return (
    <li className="px-4 py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3 gap-y-1">
        <span className="font-medium">{words}</span>
        <span className="tabular flex items-center gap-2 text-sm text-muted">
          {state && <Badge tone={state === 'full' ? 'bad' : 'warn'}>{t(`settings.limits.${state}`)}</Badge>}
          {t('settings.limits.used', { used: say(used), most: say(most) })}
        </span>
      </div>
      <meter
        aria-label={words}
        aria-valuetext={t('settings.limits.used', { used: say(used), most: say(most) })}
        min={0}
        max={Math.max(most, 1)}
        value={Math.min(used, most)}
        className="sr-only"
      />
      <div aria-hidden="true" className="mt-2 h-1.5 overflow-hidden rounded-full bg-sunken">
        <div
          className={`h-full rounded-full ${state === 'full' ? 'bg-bad' : state === 'near' ? 'bg-warn' : 'bg-accent'}`}
          style={{ width: `${Math.min(part(quota), 1) * 100}%` }}
        />
      </div>
      {state && <p className="mt-2 text-sm text-pretty text-muted">{t(`settings.limits.${dropping ? 'dropping' : 'refusing'}`)}</p>}
      {dropped !== undefined && dropped > 0 && <p className="mt-1 text-sm text-pretty text-muted">{t('settings.limits.dropped', { amount: say(dropped) })}</p>}
    </li>
  );
}
