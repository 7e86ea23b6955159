import { useQuery } from '@tanstack/react-query';
import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { templatesQuery } from '@/api/queries/templates';
import type { Template } from '@/api/types';
import { Badge, type Tone } from '@/components/badge';
import { PlainTable, type Column } from '@/components/table';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { templateCategory, templateStatus, type TemplateStatus } from './template-words';

const TONES: Partial<Record<TemplateStatus, Tone>> = {
  approved: 'good',
  pending: 'info',
  in_appeal: 'info',
  paused: 'warn',
  limit_exceeded: 'warn',
  rejected: 'bad',
  disabled: 'bad',
};

/** A connection's templates as last synced, opened on request. */
export function Templates({ connection }: { connection: number }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const query = useQuery({ ...templatesQuery(connection), enabled: open });
  const id = `templates-${connection}`;
  const columns: Column<Template>[] = [
    { key: 'name', words: t('connections.template.name'), heading: true, cell: ({ name }) => <span className="font-mono text-xs font-normal break-all">{name}</span> },
    { key: 'language', words: t('connections.template.language'), cell: ({ language }) => language },
    {
      key: 'category',
      words: t('connections.template.category'),
      cell: (template) => {
        const category = templateCategory(template.category);
        return category ? t(`connections.categories.${category}`) : template.category;
      },
    },
    {
      key: 'status',
      words: t('connections.template.status'),
      cell: (template) => {
        const status = templateStatus(template.status);
        return (
          <Badge tone={(status && TONES[status]) ?? 'neutral'} title={template.rejected_reason ?? ''}>
            {status ? t(`connections.templateStatus.${status}`) : template.status}
          </Badge>
        );
      },
    },
  ];
  return (
    <section className="border-t border-line">
      <h3>
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
          className="flex min-h-12 w-full items-center justify-between px-5 text-sm font-semibold hover:bg-sunken"
        >
          {t('connections.templates')}
          <ChevronDown aria-hidden="true" className={`size-4 text-muted transition-transform ${open ? 'rotate-180' : ''}`} />
        </button>
      </h3>
      <div id={id} hidden={!open} className="px-5 pb-4">
        {!open ? null : query.isPending ? (
          <LoadingRows rows={3} className="px-0" />
        ) : query.isError ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.data.length === 0 ? (
          <p className="py-2 text-sm text-muted">
            {t('connections.templatesEmpty')}. {t('connections.templatesEmptyHint')}
          </p>
        ) : (
          <div className="-mx-4">
            <PlainTable label={t('connections.templates')} columns={columns} rows={query.data} rowKey={(template) => template.id} />
          </div>
        )}
      </div>
    </section>
  );
}
