import { useQuery } from '@tanstack/react-query';
import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { templatesQuery } from '@/api/queries/operations';
import type { Template } from '@/api/types';
import { Badge, type Tone } from '@/components/badge';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { flowTexts } from '@/i18n/pt-br.flows';

type Status = keyof typeof flowTexts.connections.templateStatus;
type Category = keyof typeof flowTexts.connections.categories;

const TONES: Partial<Record<Status, Tone>> = {
  approved: 'good',
  pending: 'info',
  in_appeal: 'info',
  paused: 'warn',
  limit_exceeded: 'warn',
  rejected: 'bad',
  disabled: 'bad',
};

function statusOf(template: Template): Status | undefined {
  const status = template.status.toLowerCase();
  return Object.hasOwn(flowTexts.connections.templateStatus, status) ? (status as Status) : undefined;
}

function categoryOf(template: Template): Category | undefined {
  const category = template.category.toLowerCase();
  return Object.hasOwn(flowTexts.connections.categories, category) ? (category as Category) : undefined;
}

/** A connection's templates as last synced, opened on request. */
export function Templates({ connection }: { connection: number }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const query = useQuery({ ...templatesQuery(connection), enabled: open });
  const id = `templates-${connection}`;
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
          <div className="overflow-x-auto">
            <table className="w-full text-left text-sm">
              <thead className="text-xs text-muted">
                <tr>
                  <th className="py-1.5 pr-4 font-medium">{t('connections.template.name')}</th>
                  <th className="py-1.5 pr-4 font-medium">{t('connections.template.language')}</th>
                  <th className="py-1.5 pr-4 font-medium">{t('connections.template.category')}</th>
                  <th className="py-1.5 font-medium">{t('connections.template.status')}</th>
                </tr>
              </thead>
              <tbody className="divide-y divide-line">
                {query.data.map((template) => {
                  const status = statusOf(template);
                  const category = categoryOf(template);
                  return (
                    <tr key={template.id}>
                      <td className="py-2 pr-4 font-mono text-xs break-all">{template.name}</td>
                      <td className="py-2 pr-4 whitespace-nowrap">{template.language}</td>
                      <td className="py-2 pr-4">{category ? t(`connections.categories.${category}`) : template.category}</td>
                      <td className="py-2">
                        <Badge tone={(status && TONES[status]) ?? 'neutral'} title={template.rejected_reason ?? ''}>
                          {status ? t(`connections.templateStatus.${status}`) : template.status}
                        </Badge>
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        )}
      </div>
    </section>
  );
}
