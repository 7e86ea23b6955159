import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Pause, PenLine, Play, Send, Trash2, UserRoundX, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { broadcastCalls, broadcastKeys, broadcastQuery, recipientsQuery } from '@/api/queries/broadcasts';
import { useMe } from '@/api/queries/sign-in';
import type { Broadcast, BroadcastPart, BroadcastRecipient } from '@/api/types';
import { PageFrame } from '@/app/page-frame';
import { Badge } from '@/components/badge';
import { Button } from '@/components/button';
import { Card } from '@/components/card';
import { Chips } from '@/components/chips';
import { Confirm, FormDialog } from '@/components/dialog';
import { TextField } from '@/components/field';
import { Table } from '@/components/table';
import { TemplateBubble } from '@/components/template-bubble';
import { TemporalLink } from '@/components/temporal-link';
import { toast } from '@/components/toast';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import { phoneNumber, useDates, useNow } from '@/i18n/format';
import { Back } from './back';
import BroadcastEditor from './broadcast-editor';
import type { BroadcastSearch } from './search';
import { PARTS, PART_TONES, STATE_TONES } from './words';

/** A new broadcast, a draft that is changed, or what became of one that was sent. */
export default function BroadcastPage({ id, search }: { id: string; search: BroadcastSearch }) {
  if (id === 'nova') return <BroadcastEditor after={search.depois} />;
  const number = /^\d{1,15}$/.test(id) ? Number(id) : 0;
  return <KnownBroadcast key={number} id={number} search={search} />;
}

function KnownBroadcast({ id, search }: { id: number; search: BroadcastSearch }) {
  const query = useQuery(broadcastQuery(id));
  if (query.isPending) return <LoadingRows rows={6} />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.state === 'draft' && search.editar) return <BroadcastEditor broadcast={query.data} />;
  return <Shown broadcast={query.data} search={search} />;
}

/** Does something with a broadcast, and shows what it is then. */
function useAct() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (call: () => Promise<Broadcast>) => call(),
    onSuccess: (broadcast) => {
      client.setQueryData(broadcastKeys.one(broadcast.id), broadcast);
      void client.invalidateQueries({ queryKey: broadcastKeys.list });
    },
    onError: () => client.invalidateQueries({ queryKey: broadcastKeys.all }),
  });
}

function Shown({ broadcast, search }: { broadcast: Broadcast; search: BroadcastSearch }) {
  const { t } = useTranslation();
  const { id, name, state, connection, author, content } = broadcast;
  return (
    <PageFrame
      before={<Back />}
      title={name}
      lead={`${content.template?.name ?? ''} · ${connection.name} · ${t('broadcasts.by', { name: author.name })}`}
      actions={
        <>
          <Badge tone={STATE_TONES[state]}>{t(`broadcasts.states.${state}`)}</Badge>
          <Actions broadcast={broadcast} />
          {broadcast.temporal_url && <TemporalLink href={broadcast.temporal_url} />}
        </>
      }
    >
      <div className="space-y-5">
        <Standing broadcast={broadcast} />
        <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
          <Figures broadcast={broadcast} search={search} />
          <Card title={t('broadcasts.edit.what')}>
            <TemplateBubble content={content} />
          </Card>
        </div>
        {state !== 'draft' && <Recipients id={id} search={search} />}
      </div>
    </PageFrame>
  );
}

function Actions({ broadcast }: { broadcast: Broadcast }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const maySend = useMe().permissions.includes('broadcasts:send');
  const act = useAct();
  const [asks, setAsks] = useState<'cancel' | 'remove' | 'speed'>();
  const { id, state, per_minute: perMinute } = broadcast;
  const remove = useMutation({
    mutationFn: () => broadcastCalls.remove(id),
    onSuccess: async () => {
      await navigate({ to: '/transmissoes' });
      void client.invalidateQueries({ queryKey: broadcastKeys.list });
    },
  });
  if (!maySend) return null;
  const underWay = state === 'scheduled' || state === 'preparing' || state === 'running';
  return (
    <>
      {state === 'draft' && (
        <>
          <Button onClick={() => setAsks('remove')}>
            <Trash2 aria-hidden="true" className="size-4" />
            {t('broadcasts.actions.remove')}
          </Button>
          <Button look="primary" onClick={() => void navigate({ to: '/transmissoes/$id', params: { id: String(id) }, search: { editar: true } })}>
            <PenLine aria-hidden="true" className="size-4" />
            {t('broadcasts.actions.edit')}
          </Button>
        </>
      )}
      {underWay && (
        <Button disabled={act.isPending} onClick={() => act.mutate(() => broadcastCalls.pause(id))}>
          <Pause aria-hidden="true" className="size-4" />
          {t('broadcasts.actions.pause')}
        </Button>
      )}
      {state === 'paused' && (
        <Button look="primary" disabled={act.isPending} onClick={() => act.mutate(() => broadcastCalls.resume(id))}>
          <Play aria-hidden="true" className="size-4" />
          {t('broadcasts.actions.resume')}
        </Button>
      )}
      {(underWay || state === 'paused') && (
        <>
          <Button onClick={() => setAsks('speed')}>{t('broadcasts.speedOf', { count: perMinute })}</Button>
          <Button onClick={() => setAsks('cancel')}>
            <X aria-hidden="true" className="size-4" />
            {t('broadcasts.actions.cancel')}
          </Button>
        </>
      )}
      {(state === 'done' || state === 'cancelled') && (
        <Button onClick={() => void navigate({ to: '/transmissoes/$id', params: { id: 'nova' }, search: { depois: id } })}>
          <Send aria-hidden="true" className="size-4" />
          {t('broadcasts.actions.again')}
        </Button>
      )}
      <Confirm
        open={asks === 'cancel'}
        onOpenChange={() => setAsks(undefined)}
        title={t('broadcasts.sureCancel')}
        lead={t('broadcasts.sureCancelLead')}
        yes={t('broadcasts.actions.cancel')}
        tone="danger"
        pending={act.isPending}
        onYes={() => act.mutate(() => broadcastCalls.cancel(id), { onSettled: () => setAsks(undefined) })}
      />
      <Confirm
        open={asks === 'remove'}
        onOpenChange={() => setAsks(undefined)}
        title={t('broadcasts.sureRemove')}
        yes={t('broadcasts.actions.remove')}
        tone="danger"
        pending={remove.isPending}
        onYes={() => remove.mutate()}
      />
      {asks === 'speed' && (
        <FormDialog
          open
          onOpenChange={() => setAsks(undefined)}
          title={t('broadcasts.speed')}
          names={['per_minute']}
          error={act.error}
          pending={act.isPending}
          submit={t('broadcasts.saveSpeed')}
          onSubmit={(values) =>
            act.mutate(() => broadcastCalls.change(id, { per_minute: Number(values.get('per_minute')) }), {
              onSuccess: () => {
                setAsks(undefined);
                toast({ words: t('broadcasts.saveSpeed') });
              },
            })
          }
        >
          <TextField label={t('broadcasts.edit.perMinute')} name="per_minute" type="number" min={1} max={4800} start={String(perMinute)} hint={t('broadcasts.edit.perMinuteHint')} required />
        </FormDialog>
      )}
    </>
  );
}

/** Why it stands still, or when it goes on. */
function Standing({ broadcast }: { broadcast: Broadcast }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(1000);
  const { state, reason, next_at: next, starts_at: starts, canary_at: canary, canary_over: over } = broadcast;
  const later = next !== undefined && Date.parse(next) > now + 2000;
  const words =
    state === 'paused' && reason
      ? t(`broadcasts.reasons.${reason}`)
      : state === 'running' && canary && !over
        ? t('broadcasts.canaryWaits', { when: dates.short(canary, now) })
        : state === 'scheduled' && (next ?? starts)
          ? t('broadcasts.startsAt', { when: dates.short(next ?? starts ?? '', now) })
          : state === 'running' && later
            ? t('broadcasts.goesOn', { when: dates.short(next, now) })
            : undefined;
  if (words === undefined) return null;
  return (
    <div role="status" className={`rounded-xl px-4 py-2.5 text-sm ${state === 'paused' ? 'bg-warn-soft text-warn' : 'bg-sunken text-muted'}`}>
      {words}
    </div>
  );
}

const LADDER = ['waiting', 'queued', 'sent', 'delivered', 'read', 'failed', 'left_out'] as const;

/** What became of the recipients, each figure the way to its rows. */
function Figures({ broadcast, search }: { broadcast: Broadcast; search: BroadcastSearch }) {
  const { t } = useTranslation();
  const { counts, left_out: whys, total, id } = broadcast;
  if (!counts) return null;
  const handed = total - counts.waiting;
  const bars: Record<(typeof LADDER)[number], string> = { waiting: 'bg-sunken', queued: 'bg-info/60', sent: 'bg-info', delivered: 'bg-accent', read: 'bg-good', failed: 'bg-bad', left_out: 'bg-faint' };
  const link = (part: BroadcastPart, count: number) => (
    <Link
      to="/transmissoes/$id"
      params={{ id: String(id) }}
      search={{ ...search, situacao: addressOf(part) }}
      replace
      className="flex min-h-11 flex-col rounded-xl px-3 py-2 hover:bg-sunken"
    >
      <span className="tabular text-xl font-semibold">{count}</span>
      <span className="text-xs text-muted">{t(`broadcasts.parts.${part}`)}</span>
    </Link>
  );
  return (
    <Card title={t('broadcasts.figures')} actions={<span className="tabular text-sm text-muted">{t('broadcasts.ofTotal', { done: handed, total })}</span>}>
      <div role="progressbar" aria-label={t('broadcasts.figures')} aria-valuenow={handed} aria-valuemin={0} aria-valuemax={total} className="flex h-3 overflow-hidden rounded-full bg-sunken">
        {LADDER.map((part) => counts[part] > 0 && <span key={part} title={`${t(`broadcasts.parts.${part}`)}: ${counts[part]}`} className={bars[part]} style={{ width: `${(100 * counts[part]) / Math.max(total, 1)}%` }} />)}
      </div>
      <ul className="mt-3 grid grid-cols-2 gap-1 sm:grid-cols-4">
        {LADDER.map((part) => (
          <li key={part}>{link(part, counts[part])}</li>
        ))}
        <li>{link('replied', counts.replied)}</li>
        <li>{link('opted_out', counts.opted_out)}</li>
      </ul>
      {counts.billable > 0 && <p className="mt-2 text-sm text-muted">{t('broadcasts.billable', { count: counts.billable })}</p>}
      {whys && whys.length > 0 && (
        <ul aria-label={t('broadcasts.edit.outside')} className="mt-3 space-y-1 border-t border-line pt-3 text-sm text-muted">
          {whys.map(({ why, people }) => (
            <li key={why} className="flex justify-between gap-3">
              <span>{t(`broadcasts.leftOut.${why}`)}</span>
              <span className="tabular">{people}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function addressOf(part: BroadcastPart): BroadcastSearch['situacao'] {
  return (Object.keys(PARTS) as (keyof typeof PARTS)[]).find((key) => PARTS[key] === part);
}

/** Who got it, and what became of each message. */
function Recipients({ id, search }: { id: number; search: BroadcastSearch }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const dates = useDates();
  const now = useNow(60_000);
  const query = useInfiniteQuery(recipientsQuery(id, search.situacao && PARTS[search.situacao]));
  const last = (r: BroadcastRecipient) => r.replied_at ?? r.read_at ?? r.delivered_at ?? r.failed_at ?? r.sent_at;
  const said = (r: BroadcastRecipient) => {
    if (r.opted_out_at) return t('broadcasts.optedOutAt', { when: dates.short(r.opted_out_at, now) });
    if (r.replied_at) return t('broadcasts.repliedAt', { when: dates.short(r.replied_at, now) });
    if (r.why) return [t(`broadcasts.leftOut.${r.why}`), r.why === 'missing_value' ? r.detail : ''].filter(Boolean).join(': ');
    return r.error_code ? t('broadcasts.errorCode', { code: r.error_code }) : '';
  };
  return (
    <section aria-label={t('broadcasts.recipients')}>
      <div className="mb-2 flex flex-wrap items-center gap-3">
        <h2 className="font-semibold">{t('broadcasts.recipients')}</h2>
        <Chips
          label={t('broadcasts.state')}
          size="small"
          value={search.situacao}
          chips={[{ value: undefined, words: t('broadcasts.edit.partAll') }, ...(Object.entries(PARTS) as [keyof typeof PARTS, BroadcastPart][]).map(([value, part]) => ({ value, words: t(`broadcasts.parts.${part}`) }))]}
          onChange={(situacao) => void navigate({ to: '/transmissoes/$id', params: { id: String(id) }, search: situacao ? { situacao } : {}, replace: true })}
        />
      </div>
      <Table
        label={t('broadcasts.recipients')}
        query={query}
        rowKey={(r) => r.place}
        empty={<EmptyState icon={UserRoundX} title={t('broadcasts.nobody')} hint={t('broadcasts.nobodyHint')} />}
        columns={[
          {
            key: 'contact',
            words: t('broadcasts.contact'),
            heading: true,
            cell: (r) => {
              const called = r.name || (r.phone ? phoneNumber(r.phone) : String(r.place));
              return r.conversation ? (
                <Link to="/conversas/$number" params={{ number: String(r.conversation.number) }} search={{}} className="text-accent-strong underline-offset-4 hover:underline">
                  {called}
                </Link>
              ) : (
                called
              );
            },
          },
          { key: 'state', words: t('broadcasts.state'), cell: (r) => <Badge tone={PART_TONES[r.part]}>{t(`broadcasts.parts.${r.part}`)}</Badge> },
          { key: 'said', words: '', cell: said },
          { key: 'when', words: t('broadcasts.when'), align: 'end', wideOnly: true, cell: (r) => (last(r) ? dates.short(last(r) ?? '', now) : '') },
        ]}
      />
    </section>
  );
}
