import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Megaphone, Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { broadcastsQuery } from '@/api/queries/broadcasts';
import { useMe } from '@/api/queries/sign-in';
import type { Broadcast } from '@/api/types';
import { PageFrame } from '@/app/page-frame';
import { Badge } from '@/components/badge';
import { Button } from '@/components/button';
import { Paged } from '@/components/paged';
import { EmptyState } from '@/components/view-state';
import { useDates, useNow } from '@/i18n/format';
import { STATE_TONES } from './words';

/** Every broadcast, the latest first: what it is, how it stands and to how many. */
export default function BroadcastsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const maySend = useMe().permissions.includes('broadcasts:send');
  const query = useInfiniteQuery(broadcastsQuery);
  const make = maySend && (
    <Button look="primary" onClick={() => void navigate({ to: '/transmissoes/$id', params: { id: 'nova' }, search: {} })}>
      <Plus aria-hidden="true" className="size-4" />
      {t('broadcasts.new')}
    </Button>
  );
  return (
    <PageFrame title={t('nav.broadcasts')} lead={t('broadcasts.lead')} actions={make}>
      <Paged
        query={query}
        loadingRows={5}
        empty={
          <EmptyState icon={Megaphone} title={t('broadcasts.empty')} hint={t('broadcasts.emptyHint')}>
            {make}
          </EmptyState>
        }
      >
        {(rows) => (
          <ul className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
            {rows.map((broadcast) => (
              <Row key={broadcast.id} broadcast={broadcast} />
            ))}
          </ul>
        )}
      </Paged>
    </PageFrame>
  );
}

/** When a broadcast begins, began or ended, in words. */
function useWhen(): (broadcast: Broadcast) => string {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  return ({ ended_at: ended, started_at: started, starts_at: starts, created_at: created, state }) => {
    if (ended) return t('broadcasts.endedAt', { when: dates.short(ended, now) });
    if (started) return t('broadcasts.startedAt', { when: dates.short(started, now) });
    if (starts && state !== 'draft') return t('broadcasts.startsAt', { when: dates.short(starts, now) });
    return dates.short(created, now);
  };
}

function Row({ broadcast }: { broadcast: Broadcast }) {
  const { t } = useTranslation();
  const when = useWhen();
  const { id, name, state, total, content, connection, author } = broadcast;
  return (
    <li className="relative flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-sunken">
      <div className="min-w-0 flex-1 basis-64">
        <Link to="/transmissoes/$id" params={{ id: String(id) }} search={{}} className="block truncate font-medium after:absolute after:inset-0 after:content-['']">
          {name}
        </Link>
        <p className="truncate text-xs text-muted">
          {content.template?.name} · {connection.name} · {t('broadcasts.by', { name: author.name })}
        </p>
      </div>
      <span className="tabular text-sm text-muted">{total > 0 ? t('broadcasts.people', { count: total }) : ''}</span>
      <span className="tabular w-40 truncate text-sm text-muted max-sm:w-auto">{when(broadcast)}</span>
      <Badge tone={STATE_TONES[state]}>{t(`broadcasts.states.${state}`)}</Badge>
    </li>
  );
}
