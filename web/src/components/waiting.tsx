import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import type { FlowRun } from '@/api/types';
import { span, useDates, useNow } from '@/i18n/format';

/** What a run waits for and for how long, counting live: "Espera a resposta do contato há 3 min". */
export function WaitingLine({ run, className }: { run: FlowRun; className?: string }) {
  const { t } = useTranslation();
  const now = useNow(1000);
  if (run.status === 'ended' || run.wait_kind === undefined) return null;
  const waited = run.wait_since ? ` ${t('runs.waitedFor', { time: span(now - Date.parse(run.wait_since)) })}` : '';
  return (
    <p className={`tabular ${className ?? ''}`}>
      {t('runs.waitsFor', { what: t(`runs.waitingFor.${run.wait_kind}`) })}
      {waited}
    </p>
  );
}

/** When a wait ends by itself, and how far away that is. */
export function WaitEnd({ run }: { run: FlowRun }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(1000);
  if (!run.wait_until) return <>{t('runs.noDeadline')}</>;
  const left = Date.parse(run.wait_until) - now;
  return (
    <span className={`tabular ${left < 0 ? 'text-warn' : ''}`}>
      {dates.short(run.wait_until, now)} · {left < 0 ? t('runs.overdue', { time: span(-left) }) : t('runs.inTime', { time: span(left) })}
    </span>
  );
}
