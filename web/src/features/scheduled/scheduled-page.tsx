import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { CalendarClock } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { agentsQuery } from '@/api/queries/agents';
import { scheduledQuery } from '@/api/queries/scheduled';
import type { Scheduled } from '@/api/types';
import { PageFrame } from '@/app/page-frame';
import { Chips } from '@/components/chips';
import { Paged } from '@/components/paged';
import { ScheduledRow } from '@/components/scheduled/scheduled-row';
import { Select } from '@/components/select';
import { EmptyState } from '@/components/view-state';
import { useDates, useNow } from '@/i18n/format';

const STATES = { enviados: 'sent', 'nao-enviados': 'skipped', excluidos: 'cancelled' } as const;
const KINDS = { mensagem: 'message', modelo: 'template', fluxo: 'flow', encerramento: 'closing' } as const;

/** Everything that is scheduled, day by day: messages, templates, flows and closings (rules 168, 256). */
export default function ScheduledPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ from: '/shell/agendamentos' });
  const { situacao, tipo, autor } = search;
  const query = useInfiniteQuery(
    scheduledQuery({ state: situacao ? STATES[situacao] : 'pending', ...(tipo && { kind: KINDS[tipo] }), ...(autor !== undefined && { author_id: autor }) }),
  );
  const agents = useQuery(agentsQuery);
  const change = (part: Partial<typeof search>) =>
    void navigate({ to: '/agendamentos', search: Object.fromEntries(Object.entries({ ...search, ...part }).filter(([, value]) => value !== undefined)), replace: true });
  return (
    <PageFrame
      title={t('nav.scheduled')}
      lead={t('scheduled.lead')}
      actions={
        <div className="flex flex-wrap items-center gap-2">
          <Chips
            label={t('scheduled.filters.state')}
            value={situacao}
            chips={[
              { value: undefined, words: t('scheduled.filters.pending') },
              { value: 'enviados', words: t('scheduled.filters.sent') },
              { value: 'nao-enviados', words: t('scheduled.filters.skipped') },
              { value: 'excluidos', words: t('scheduled.filters.cancelled') },
            ]}
            onChange={(next) => change({ situacao: next })}
          />
          <Select
            label={t('scheduled.filters.kind')}
            value={tipo ?? ''}
            options={[{ value: '', words: t('scheduled.filters.allKinds') }, ...Object.entries(KINDS).map(([value, kind]) => ({ value, words: t(`scheduled.kinds.${kind}`) }))]}
            onChange={(next) => change({ tipo: next === '' ? undefined : (next as keyof typeof KINDS) })}
          />
          <Select
            label={t('scheduled.filters.author')}
            value={String(autor ?? '')}
            options={[{ value: '', words: t('scheduled.filters.everyone') }, ...(agents.data ?? []).map(({ id, name }) => ({ value: String(id), words: name }))]}
            onChange={(next) => change({ autor: next === '' ? undefined : Number(next) })}
          />
        </div>
      }
    >
      <Paged query={query} loadingRows={5} empty={<EmptyState icon={CalendarClock} title={t('scheduled.empty')} hint={t('scheduled.emptyHint')} />}>
        {(rows) => <Days rows={rows} />}
      </Paged>
    </PageFrame>
  );
}

/** The rows under the days on which they come due. */
function Days({ rows }: { rows: readonly Scheduled[] }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const days = useMemo(() => {
    const found: { day: string; items: Scheduled[] }[] = [];
    for (const item of rows) {
      const day = new Date(item.due_at).toDateString();
      const last = found.at(-1);
      if (last?.day === day) last.items.push(item);
      else found.push({ day, items: [item] });
    }
    return found;
  }, [rows]);
  const tomorrow = new Date(now + 24 * 3_600_000).toDateString();
  return (
    <div className="space-y-6">
      {days.map(({ day, items }) => (
        <section key={day}>
          <h2 className="mb-2 text-sm font-semibold first-letter:uppercase">
            {day === tomorrow ? t('scheduled.tomorrow') : dates.day(items[0]?.due_at ?? '', now, { today: t('scheduled.today'), yesterday: t('scheduled.yesterday') })}
          </h2>
          <ul className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
            {items.map((item) => (
              <ScheduledRow key={`${item.kind}:${item.id}`} item={item} now={now} linked />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
