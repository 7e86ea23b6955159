import { AlarmClock, Bell, Bot, ChevronsUp, ChevronUp, CircleUserRound, Hourglass, MessageCircle, Minus, TriangleAlert, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Conversation, Priority } from '@/api/types';
import { Badge } from '@/components/badge';
import { span, useDates } from '@/i18n/format';
import { waitStep, type WaitStep } from './clocks';

const WAIT_TONES = { green: 'good', blue: 'info', orange: 'warn', red: 'bad' } as const satisfies Record<WaitStep, string>;
const PRIORITIES: Record<Priority, { icon: LucideIcon; look: string } | undefined> = {
  none: undefined,
  low: { icon: Minus, look: 'text-faint' },
  medium: { icon: ChevronUp, look: 'text-info' },
  high: { icon: ChevronsUp, look: 'text-warn' },
  urgent: { icon: TriangleAlert, look: 'text-bad' },
};
/** How many labels a row names before it counts them. */
const LABELS = 2;

/** A picture that says one thing, in words for those who hear or hover it. */
function Mark({ icon: Icon, words, className }: { icon: LucideIcon; words: string; className?: string }) {
  return (
    <span role="img" aria-label={words} title={words} className={`shrink-0 ${className ?? ''}`}>
      <Icon aria-hidden="true" className="size-4" />
    </span>
  );
}

/** Where the conversation takes place: the channel, and the number that it reached (rule 080). */
export function ChannelMark({ connection }: { connection: Conversation['connection'] }) {
  const { t } = useTranslation();
  const words = t('list.channel', { channel: t(`list.channels.${connection.channel}`, { defaultValue: connection.channel }), name: connection.name });
  return (
    <span role="img" aria-label={words} title={words} className="absolute -right-1 -bottom-0.5 inline-flex size-4 items-center justify-center rounded-full bg-surface text-good">
      <MessageCircle aria-hidden="true" className="size-3" />
    </span>
  );
}

/** A flow waits for the contact (rule 079). */
export function FlowMark({ run }: { run: Conversation['flow_run'] }) {
  const { t } = useTranslation();
  if (run?.wait_kind !== 'reply') return null;
  return (
    <span role="img" aria-label={t('inbox.inFlow')} title={`${t('inbox.inFlow')}: ${run.flow_name}`} className="shrink-0 text-accent">
      <Bot aria-hidden="true" className="size-4" />
    </span>
  );
}

/** How urgent people said it is. */
export function PriorityMark({ priority }: { priority: Priority }) {
  const { t } = useTranslation();
  const shown = PRIORITIES[priority];
  return shown ? <Mark icon={shown.icon} words={t('list.priority', { priority: t(`list.priorities.${priority}`) })} className={shown.look} /> : null;
}

/** The reader follows the conversation. */
export function FollowedMark({ followed }: { followed: boolean }) {
  const { t } = useTranslation();
  return followed ? <Mark icon={Bell} words={t('list.followed')} className="text-faint" /> : null;
}

/** The queue in its colour (rule 034), who serves and since when (rule 078), or how the last ticket ended. */
export function People({ conversation, compact }: { conversation: Conversation; compact: boolean }) {
  const { t } = useTranslation();
  const dates = useDates();
  const { ticket, last_ticket: last } = conversation;
  if (!ticket) {
    if (!last || compact) return null;
    const words = last.reason ? t('list.closedFor', { protocol: last.protocol, reason: last.reason.name }) : t('list.closed', { protocol: last.protocol });
    return <span className="truncate text-faint">{words}</span>;
  }
  const since = ticket.accepted_at ?? ticket.opened_at;
  const served = ticket.agent && t('list.servedBy', { name: ticket.agent.name, when: dates.full(since) });
  return (
    <>
      {ticket.queue && (
        <span title={t('list.inQueue', { queue: ticket.queue.name })} className="inline-flex min-w-6 items-center gap-1 rounded-full bg-sunken px-1.5 text-ink group-hover:bg-surface">
          <span aria-hidden="true" className="size-2 shrink-0 rounded-full" style={{ background: ticket.queue.color }} />
          <span className={compact ? 'sr-only' : 'truncate'}>{ticket.queue.name}</span>
        </span>
      )}
      {ticket.agent ? (
        <span role="img" aria-label={served} title={served} className="inline-flex min-w-4 items-center gap-1">
          <CircleUserRound aria-hidden="true" className="size-3.5 shrink-0" />
          {!compact && <span className="truncate">{ticket.agent.name.split(' ')[0]}</span>}
        </span>
      ) : (
        !compact && <span className="truncate text-warn">{t('list.noAgent')}</span>
      )}
    </>
  );
}

/** The contact's labels: the first ones by name, the rest counted. */
export function Labels({ labels }: { labels: readonly { id: number; name: string; color: string }[] }) {
  const { t } = useTranslation();
  if (labels.length === 0) return null;
  const names = labels.map(({ name }) => name).join(', ');
  return (
    <span role="img" aria-label={t('list.labelled', { names })} title={names} className="inline-flex shrink-0 items-center gap-0.5">
      {labels.slice(0, LABELS).map(({ id, color }) => (
        <span key={id} aria-hidden="true" className="h-2.5 w-4 rounded-sm" style={{ background: color }} />
      ))}
      {labels.length > LABELS && <span aria-hidden="true">+{labels.length - LABELS}</span>}
    </span>
  );
}

/** Until when somebody put it off, and why. */
export function Snoozed({ ticket, now, compact }: { ticket: Conversation['ticket']; now: number; compact: boolean }) {
  const { t } = useTranslation();
  const dates = useDates();
  const snoozed = ticket?.snoozed;
  if (!snoozed) return null;
  const until = snoozed.until ? t('list.snoozedUntil', { when: dates.short(snoozed.until, now) }) : t('list.snoozedReply');
  const title = [snoozed.until ? t('list.snoozedUntil', { when: dates.full(snoozed.until) }) : until, snoozed.reason].filter(Boolean).join(': ');
  if (compact) return <Mark icon={AlarmClock} words={title} className="text-info" />;
  return (
    <Badge tone="info" title={title}>
      <AlarmClock aria-hidden="true" className="size-3" />
      {until}
    </Badge>
  );
}

/** How long the agent has before the assignment lapses. */
export function LeaseMark({ ticket, now }: { ticket: Conversation['ticket']; now: number }) {
  const { t } = useTranslation();
  if (!ticket?.lease_until || !ticket.agent) return null;
  const time = span(Date.parse(ticket.lease_until) - now);
  return (
    <span title={t('list.lease', { time, name: ticket.agent.name })} className="tabular inline-flex shrink-0 items-center gap-0.5 text-xs text-muted">
      <Hourglass aria-hidden="true" className="size-3" />
      <span className="sr-only">{t('list.lease', { time, name: ticket.agent.name })}</span>
      <span aria-hidden="true">{time}</span>
    </span>
  );
}

/** A wait in its largest unit, for where there is little room. */
function coarse(ms: number): string {
  return span(ms).replace(/^(\d+ [hd]) .*$/, '$1');
}

/** How long the contact waits for an answer of people, in a colour and in words (rules 103 to 107). */
export function NoReply({ conversation, now, compact }: { conversation: Conversation; now: number; compact: boolean }) {
  const { t } = useTranslation();
  // The counter is for people's work: it runs while a ticket is open (rule 103).
  if (!conversation.ticket || conversation.in_charge === 'flow' || !conversation.first_unanswered_at) return null;
  const waited = now - Date.parse(conversation.first_unanswered_at);
  const time = span(waited);
  return (
    <Badge tone={WAIT_TONES[waitStep(waited)]} title={t('inbox.waiting', { time })}>
      {compact ? coarse(waited) : t('list.noReply', { time: coarse(waited) })}
    </Badge>
  );
}

/** What nobody has read: how many messages, or a mark that somebody set (rule 081). */
export function UnreadMark({ count, marked }: { count: number; marked: boolean }) {
  const { t } = useTranslation();
  if (count === 0 && !marked) return null;
  if (count === 0) return <span role="img" aria-label={t('list.marked')} title={t('list.marked')} className="size-2.5 rounded-full bg-accent" />;
  return (
    <span
      role="img"
      aria-label={t('inbox.unread', { count })}
      className="tabular inline-flex min-w-5 items-center justify-center rounded-full bg-accent px-1.5 text-xs font-semibold text-on-accent"
    >
      {count > 99 ? '99+' : count}
    </span>
  );
}
