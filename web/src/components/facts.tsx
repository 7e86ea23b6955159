import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from './copy-button';

const COLUMNS = {
  1: 'gap-y-2',
  2: 'grid-cols-2 gap-x-6 gap-y-4',
  3: 'gap-x-6 gap-y-4 sm:grid-cols-3',
  4: 'grid-cols-2 gap-x-6 gap-y-4 md:grid-cols-4',
} as const;

/** What is known of one thing, name over value, in columns where there is room. Its children are Fact. */
export function Facts({ columns = 2, children, className }: { columns?: keyof typeof COLUMNS; children: ReactNode; className?: string }) {
  return <dl className={`grid ${COLUMNS[columns]} ${className ?? ''}`}>{children}</dl>;
}

/** One name with its value. With `copy` a button puts that text on the clipboard. */
export function Fact({ name, copy, children }: { name: string; copy?: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className="min-w-0">
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="flex items-center gap-1 text-sm font-medium">
        <span className="tabular min-w-0 wrap-anywhere">{children}</span>
        {copy !== undefined && <CopyButton text={copy} label={`${t('app.copy')}: ${name}`} />}
      </dd>
    </div>
  );
}
