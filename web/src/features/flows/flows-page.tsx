import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Archive, ArchiveRestore, EllipsisVertical, Eye, PencilLine, PenTool, Plus, Workflow } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { flowKeys, flowsQuery } from '@/api/queries/flows';
import { useMe } from '@/api/queries/sign-in';
import type { FlowCategory, FlowSummary } from '@/api/types';
import { PageFrame } from '@/app/page-frame';
import { Badge } from '@/components/badge';
import { Button, IconButton } from '@/components/button';
import { Chips } from '@/components/chips';
import { Menu } from '@/components/menu';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import { useDates, useNow } from '@/i18n/format';
import { archivedFlowsQuery, shelveFlow } from './designer/calls';
import { ArchiveFlowDialog, NewFlowDialog, RenameFlowDialog } from './designer/flow-dialogs';
import { useSay } from './designer/words';

type Filter = FlowCategory | 'archived' | undefined;

/** The account's flows: what each is for, how it is published, and what can be done with it. */
export default function FlowsPage() {
  const { t } = useTranslation();
  const say = useSay();
  const mayWrite = useMe().permissions.includes('flows:write');
  const [filter, setFilter] = useState<Filter>();
  const [making, setMaking] = useState(false);
  const [about, setAbout] = useState<{ flow: FlowSummary; what: 'rename' | 'archive' }>();
  const current = useQuery(flowsQuery);
  const shelved = useQuery({ ...archivedFlowsQuery, enabled: filter === 'archived' });
  const query = filter === 'archived' ? shelved : current;
  const flows = (query.data ?? []).filter(({ category }) => filter === undefined || filter === 'archived' || category === filter);
  const categories = (['initial', 'closing', 'manual', 'scheduled'] as const).filter((each) => current.data?.some(({ category }) => category === each));
  return (
    <PageFrame
      title={t('flows.title')}
      lead={t('flows.lead')}
      actions={
        mayWrite && (
          <Button look="primary" onClick={() => setMaking(true)}>
            <Plus aria-hidden="true" className="size-4" />
            {say('new.button')}
          </Button>
        )
      }
      filters={
        <Chips
          label={say('list.filter')}
          value={filter}
          chips={[
            { value: undefined, words: say('list.all') },
            ...categories.map((value) => ({ value, words: t(`flows.categories.${value}`) })),
            { value: 'archived', words: say('list.archivedOnes') },
          ]}
          onChange={setFilter}
        />
      }
    >
      {query.isPending ? (
        <LoadingRows rows={5} />
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : flows.length === 0 ? (
        filter === 'archived' ? (
          <EmptyState icon={Archive} title={say('list.noArchived')} hint={say('list.noArchivedHint')} />
        ) : (
          <EmptyState icon={Workflow} title={t('flows.empty')} hint={t('flows.emptyHint')}>
            {mayWrite && (
              <Button look="primary" onClick={() => setMaking(true)}>
                {say('new.button')}
              </Button>
            )}
          </EmptyState>
        )
      ) : (
        <ul className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
          {flows.map((flow) => (
            <FlowCard key={flow.id} flow={flow} mayWrite={mayWrite} onRename={() => setAbout({ flow, what: 'rename' })} onArchive={() => setAbout({ flow, what: 'archive' })} />
          ))}
        </ul>
      )}
      {making && <NewFlowDialog onClose={() => setMaking(false)} />}
      {about?.what === 'rename' && <RenameFlowDialog flow={about.flow} onClose={() => setAbout(undefined)} />}
      {about?.what === 'archive' && <ArchiveFlowDialog flow={about.flow} onClose={() => setAbout(undefined)} />}
    </PageFrame>
  );
}

function FlowCard({ flow, mayWrite, onRename, onArchive }: { flow: FlowSummary; mayWrite: boolean; onRename: () => void; onArchive: () => void }) {
  const { t } = useTranslation();
  const say = useSay();
  const dates = useDates();
  const now = useNow(60_000);
  const navigate = useNavigate();
  const client = useQueryClient();
  const params = { id: String(flow.id) };
  const archived = flow.archived_at !== undefined;
  const restore = useMutation({ mutationFn: () => shelveFlow(flow.id, false), onSuccess: () => client.invalidateQueries({ queryKey: flowKeys.all }) });
  return (
    <li className="group relative flex h-full flex-col gap-3 rounded-2xl border border-line bg-surface p-5 hover:border-line-strong">
      <div className="flex items-start gap-3">
        <span className="flex size-10 shrink-0 items-center justify-center rounded-xl bg-accent-soft text-accent-strong">
          <Workflow aria-hidden="true" className="size-5" />
        </span>
        <div className="min-w-0 flex-1">
          <Link to="/fluxos/$id" params={params} search={{}} className="block leading-tight font-semibold text-balance after:absolute after:inset-0 after:rounded-2xl after:content-['']">
            {flow.name}
          </Link>
          <span className="text-sm text-muted">{t(`flows.categories.${flow.category}`)}</span>
        </div>
        {mayWrite && (
          <span className="relative z-1 -mt-2 -mr-2">
            <Menu
              label={say('list.actions', { name: flow.name })}
              trigger={
                <IconButton label={say('list.actions', { name: flow.name })}>
                  <EllipsisVertical aria-hidden="true" className="size-4" />
                </IconButton>
              }
              items={[
                { words: say('list.see'), icon: Eye, onSelect: () => void navigate({ to: '/fluxos/$id', params, search: {} }) },
                ...(archived
                  ? [{ words: say('list.restore'), icon: ArchiveRestore, onSelect: () => restore.mutate() }]
                  : [
                      { words: say('list.edit'), icon: PenTool, onSelect: () => void navigate({ to: '/fluxos/$id/editar', params, search: {} }) },
                      { words: say('list.rename'), icon: PencilLine, onSelect: onRename },
                      { words: say('list.archive'), icon: Archive, tone: 'bad' as const, onSelect: onArchive },
                    ]),
              ]}
            />
          </span>
        )}
      </div>
      <span className="mt-auto flex flex-wrap items-center gap-1.5">
        {flow.published ? (
          <Badge tone="good">
            {t('flows.versionOf', { number: flow.published.number })} · {dates.short(flow.published.created_at, now)}
          </Badge>
        ) : (
          <Badge tone="warn">{t('flows.unpublished')}</Badge>
        )}
        {flow.changed && <Badge>{t('flows.changed')}</Badge>}
        {flow.active_runs > 0 && <Badge tone="info">{t('flows.activeRuns', { count: flow.active_runs })}</Badge>}
        {archived && <Badge>{t('flows.archived')}</Badge>}
      </span>
    </li>
  );
}
