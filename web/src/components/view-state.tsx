import { CloudOff, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import { Button } from './button';
import { CopyButton } from './copy-button';

/** A screen without anything to show yet: one sentence, what to do, perhaps one action. */
export function EmptyState({ icon: Icon, title, hint, children }: { icon: LucideIcon; title: string; hint: string; children?: ReactNode }) {
  return (
    <div className="flex h-full min-h-64 flex-col items-center justify-center gap-3 p-8 text-center">
      <span className="flex size-14 items-center justify-center rounded-2xl bg-accent-soft text-accent-strong">
        <Icon aria-hidden="true" className="size-6" />
      </span>
      <h2 className="text-base font-semibold">{title}</h2>
      <p className="max-w-sm text-sm text-pretty text-muted">{hint}</p>
      {children}
    </div>
  );
}

/** A failed load: what happened in the reader's words, the server's detail, code and request id, and a way on. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const problem = error instanceof ApiError ? error : undefined;
  const said = problem ? problem.sayWith(t) : t('error.unknown');
  const technical = problem ? [problem.code, problem.status > 0 ? `HTTP ${problem.status}` : '', problem.requestId].filter(Boolean).join(' · ') : '';
  return (
    <div role="alert" className="flex h-full min-h-64 flex-col items-center justify-center gap-3 p-8 text-center">
      <span className="flex size-14 items-center justify-center rounded-2xl bg-bad-soft text-bad">
        <CloudOff aria-hidden="true" className="size-6" />
      </span>
      <h2 className="text-base font-semibold">{t('error.title')}</h2>
      <p className="max-w-md text-sm text-pretty text-muted">{said}</p>
      {problem?.detail !== undefined && problem.detail !== '' && (
        <p lang="en" className="max-w-md rounded-lg bg-sunken px-3 py-2 text-sm text-muted">
          {problem.detail}
        </p>
      )}
      {problem && technical !== '' && (
        <p className="flex items-center gap-1 font-mono text-xs text-faint">
          {technical}
          <CopyButton text={technical} label={t('error.copy')} />
        </p>
      )}
      {onRetry && (
        <Button look="primary" onClick={onRetry}>
          {t('app.retry')}
        </Button>
      )}
    </div>
  );
}

/** Grey rows while a list loads. */
export function LoadingRows({ rows = 6, className }: { rows?: number; className?: string }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t('app.loading')} className={`animate-pulse space-y-4 p-4 ${className ?? ''}`}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="flex items-center gap-3">
          <div className="size-10 rounded-full bg-sunken" />
          <div className="flex-1 space-y-2">
            <div className="h-3 rounded bg-sunken" style={{ width: `${40 + ((row * 17) % 35)}%` }} />
            <div className="h-3 rounded bg-sunken" style={{ width: `${60 + ((row * 23) % 35)}%` }} />
          </div>
        </div>
      ))}
    </div>
  );
}
