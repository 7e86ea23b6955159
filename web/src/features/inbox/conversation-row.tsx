import { Link } from '@tanstack/react-router';
import { Bot, CircleUserRound, Workflow } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '@/api/types';
import { Avatar } from '@/components/avatar';
import { Badge } from '@/components/badge';
import { phoneNumber, span, useDates } from '@/i18n/format';
import { waitStep, type WaitStep } from './clocks';
import type { InboxSearch } from './search';
import { noteText } from './system-notes';
import { statusOf, Tick } from './ticks';
import { plainText } from '@/components/whatsapp-text';
import { WindowLabel } from './window-meter';

const WAIT_TONES = { green: 'good', blue: 'info', orange: 'warn', red: 'bad' } as const satisfies Record<WaitStep, string>;

/** What people call a contact: the name, else the number, else words that say that there is neither. */
export function contactLabel(conversation: Conversation, unknown: string): string {
  const { name, phone } = conversation.contact;
  return name || (phone ? phoneNumber(phone) : unknown);
}

/** One conversation of the list. */
export const ConversationRow = memo(function ConversationRow({
  conversation,
  search,
  now,
  current,
}: {
  conversation: Conversation;
  search: InboxSearch;
  now: number;
  current: boolean;
}) {
  const { t } = useTranslation();
  const dates = useDates();
  const { last_message: last, ticket, flow_run: run } = conversation;
  const name = contactLabel(conversation, t('inbox.unknownContact'));
  const unread = conversation.unread_count;
  // The counter is for people's work: it runs while a ticket is open (rule 103).
  const waited = conversation.in_charge === 'ticket' && conversation.first_unanswered_at ? now - Date.parse(conversation.first_unanswered_at) : undefined;
  return (
    <Link
      to="/conversas/$number"
      params={{ number: String(conversation.number) }}
      search={search}
      aria-current={current ? 'page' : undefined}
      data-conversation={conversation.number}
      className="flex h-full items-center gap-3 border-l-3 border-transparent px-3 outline-offset-[-3px] hover:bg-sunken aria-[current=page]:border-accent aria-[current=page]:bg-accent-soft"
    >
      <Avatar name={name} seed={conversation.contact.id} />
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline gap-2">
          <span className={`truncate ${unread > 0 ? 'font-semibold' : 'font-medium'}`}>{name}</span>
          <span className="ml-auto shrink-0">
            {conversation.last_message_at && (
              <time
                dateTime={conversation.last_message_at}
                title={dates.full(conversation.last_message_at)}
                className={`tabular text-xs ${unread > 0 ? 'font-semibold text-accent-strong' : 'text-faint'}`}
              >
                {dates.list(conversation.last_message_at, now)}
              </time>
            )}
          </span>
        </div>
        <div className="flex items-center gap-1.5 text-sm text-muted">
          {last?.direction === 'out' && <Tick status={statusOf(last.status)} className="shrink-0" />}
          {last?.direction === 'out' && last.origin === 'bot' && <Bot aria-label={t('timeline.origin.bot')} className="size-3.5 shrink-0" />}
          <span className={`truncate ${unread > 0 ? 'text-ink' : ''}`}>{last && plainText(noteText(t, last.system_note, last.preview))}</span>
          <span className="ml-auto flex shrink-0 items-center gap-1.5">
            {run?.wait_kind === 'reply' && (
              <span role="img" aria-label={t('inbox.inFlow')} title={`${t('inbox.inFlow')}: ${run.flow_name}`} className="text-accent">
                <Workflow aria-hidden="true" className="size-4" />
              </span>
            )}
            {ticket && (
              <span role="img" aria-label={ticket.agent?.name ?? t('inbox.ticketWaits')} title={ticket.agent?.name ?? t('inbox.ticketWaits')}>
                <CircleUserRound aria-hidden="true" className="size-4" style={ticket.queue ? { color: ticket.queue.color } : undefined} />
              </span>
            )}
            {waited !== undefined && (
              <Badge tone={WAIT_TONES[waitStep(waited)]} title={t('inbox.waiting', { time: span(waited) })}>
                {span(waited)}
              </Badge>
            )}
            <WindowLabel expiresAt={conversation.window_expires_at} now={now} />
            {unread > 0 && (
              <span
                role="img"
                aria-label={t('inbox.unread', { count: unread })}
                className="tabular inline-flex min-w-5 items-center justify-center rounded-full bg-accent px-1.5 text-xs font-semibold text-on-accent"
              >
                {unread > 99 ? '99+' : unread}
              </span>
            )}
          </span>
        </div>
      </div>
    </Link>
  );
});
