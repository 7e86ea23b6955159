import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FileText, MessageSquare, Timer, Workflow, type LucideIcon } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { ApiError } from '@/api/problem';
import { scheduledCalls, scheduledKeys } from '@/api/queries/scheduled';
import { useMe } from '@/api/queries/sign-in';
import { ticketCalls } from '@/api/queries/tickets';
import type { Scheduled, ScheduledKind, ScheduledState } from '@/api/types';
import { Badge, type Tone } from '@/components/badge';
import { Button } from '@/components/button';
import { Confirm } from '@/components/dialog';
import { toast } from '@/components/toast';
import { phoneNumber, useDates } from '@/i18n/format';
import { unsentReason } from '@/i18n/unsent';
import { saidBy } from './said';

const ScheduleDialog = lazy(() => import('./schedule-dialog'));

const ICONS: Record<ScheduledKind, LucideIcon> = { message: MessageSquare, template: FileText, flow: Workflow, closing: Timer };
const TONES: Record<ScheduledState, Tone> = { waiting: 'info', held: 'warn', sent: 'good', skipped: 'bad', cancelled: 'neutral' };

type Asking = 'edit' | 'remove' | 'send';

/** Who or what something scheduled is for, as a heading of its row. */
function Title({ item, linked }: { item: Scheduled; linked: boolean }) {
  const words = item.contact.name || phoneNumber(item.contact.phone ?? '');
  if (!linked) return null;
  return (
    <Link to="/conversas/$number" params={{ number: String(item.conversation.number) }} className="truncate font-medium hover:underline">
      {words}
    </Link>
  );
}

/** One thing that is scheduled: what, when, by whom, what it opens (rule 168), and what can be done with it (rules 169, 172, 256). */
export function ScheduledRow({ item, now, linked = false }: { item: Scheduled; now: number; linked?: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const dates = useDates();
  const { permissions } = useMe();
  const [asking, setAsking] = useState<Asking>();
  const [pending, setPending] = useState(false);
  const Icon = ICONS[item.kind];
  const over = item.state !== 'waiting' && item.state !== 'held';
  const may = !over && permissions.includes(item.kind === 'closing' ? 'tickets:write' : 'messages:send');
  const name = item.contact.name || phoneNumber(item.contact.phone ?? '');

  const done = (doing: Promise<unknown>, words: string) => {
    setPending(true);
    void doing
      .then(() => toast({ words }))
      .catch((why: unknown) => toast({ words: why instanceof ApiError ? (why.key === 'scheduled.over' ? t('scheduled.nothingWaits') : why.sayWith(t)) : t('error.unknown'), tone: 'bad' }))
      .finally(() => {
        setPending(false);
        setAsking(undefined);
        void client.invalidateQueries({ queryKey: scheduledKeys.all });
      });
  };
  const remove = () => done(item.kind === 'closing' ? ticketCalls.cancelClosing(item.ticket_id ?? 0) : scheduledCalls.cancel(item.id), t('scheduled.removed'));
  const send = () => done(scheduledCalls.send(item.id), t('scheduled.sentNow'));

  const words = item.contents.map(saidBy).filter(Boolean).join(' · ');
  const files = item.contents.filter(({ media }) => media !== undefined).length;
  const what = item.kind === 'flow' ? item.flow?.name : item.kind === 'template' ? item.contents[0]?.template?.name : undefined;
  const place = item.agent?.name ?? item.queue?.name;
  return (
    <li className="space-y-1.5 px-4 py-3">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Icon aria-hidden="true" className="size-4 shrink-0 text-muted" />
        <time dateTime={item.due_at} title={`${dates.full(item.due_at)}${item.timezone ? ` (${item.timezone})` : ''}`} className="tabular font-medium">
          {linked ? dates.time(item.due_at) : dates.short(item.due_at, now)}
        </time>
        <Title item={item} linked={linked} />
        <Badge tone={TONES[item.state]}>{t(`scheduled.states.${item.state}`)}</Badge>
        <span className="text-sm text-muted">
          {t(`scheduled.kinds.${item.kind}`)}
          {what ? `: ${what}` : ''}
        </span>
      </p>
      {words !== '' && <p className="line-clamp-2 text-sm whitespace-pre-wrap">{words}</p>}
      <p className="text-xs text-muted">
        {[
          t('scheduled.by', { name: item.author.name ?? '', when: dates.short(item.created_at, now) }),
          files > 0 && t('scheduled.files', { count: files }),
          (item.kind === 'message' || item.kind === 'template') && (item.open ? (place ? t('scheduled.opensFor', { who: place }) : t('scheduled.opensNobody')) : t('scheduled.opensNot')),
          item.hold_on_reply && !over && (item.kind === 'closing' ? t('scheduled.closingHolds') : t('scheduled.holds')),
          item.recurrence && !over && (item.next && item.next.length > 0 ? t('scheduled.again', { next: item.next.slice(0, 3).map((each) => dates.short(each, now)).join(', ') }) : t('scheduled.lastTime')),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {item.reason && <p className="text-xs text-bad">{t(`unsent.${unsentReason(item.reason)}`)}</p>}
      {item.state === 'held' && <p className="text-sm font-medium text-warn">{item.kind === 'flow' ? t('scheduled.heldFlow') : t('scheduled.heldWhy')}</p>}
      {!over && item.window_open === false && <Badge tone="warn">{t('scheduled.windowWarn')}</Badge>}
      {may && (
        <p role="group" aria-label={t('scheduled.actions')} className="flex flex-wrap gap-2">
          {item.kind !== 'closing' && (
            <>
              <Button look={item.state === 'held' ? 'primary' : 'plain'} className="min-h-8" disabled={pending} onClick={() => (item.state === 'held' ? send() : setAsking('send'))}>
                {item.kind === 'flow' ? t('scheduled.startNow') : t('scheduled.sendNow')}
              </Button>
              <Button className="min-h-8" disabled={pending} onClick={() => setAsking('edit')}>
                {item.state === 'held' ? t('scheduled.otherTime') : t('scheduled.edit')}
              </Button>
            </>
          )}
          <Button className="min-h-8" disabled={pending} onClick={() => setAsking('remove')}>
            {t('scheduled.remove')}
          </Button>
        </p>
      )}
      {asking === 'edit' && (
        <Suspense fallback={null}>
          <ScheduleDialog editing={item} windowUntil={item.window_open ? item.due_at : undefined} onClose={() => setAsking(undefined)} />
        </Suspense>
      )}
      <Confirm open={asking === 'remove'} onOpenChange={() => setAsking(undefined)} title={t('scheduled.sure')} yes={t('scheduled.remove')} tone="danger" pending={pending} onYes={remove} />
      <Confirm
        open={asking === 'send'}
        onOpenChange={() => setAsking(undefined)}
        title={t('scheduled.sureSend', { name })}
        yes={item.kind === 'flow' ? t('scheduled.startNow') : t('scheduled.sendNow')}
        pending={pending}
        onYes={send}
      />
    </li>
  );
}
