import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ticketQuery, ticketsQuery } from '@/api/queries/tickets';
import type { TicketDetail, TicketEventKind, TicketSummary } from '@/api/types';
import { CopyButton } from '@/components/copy-button';
import { TemporalLink } from '@/components/temporal-link';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { useDates, useNow } from '@/i18n/format';

/** The tickets of a conversation, newest first, each with what happened in it. */
export function Tickets({ conversation }: { conversation: number }) {
  const { t } = useTranslation();
  const tickets = useQuery(ticketsQuery(conversation));
  if (tickets.isPending) return <LoadingRows rows={2} className="p-0" />;
  if (tickets.isError) return <ErrorState error={tickets.error} onRetry={() => void tickets.refetch()} />;
  if (tickets.data.length === 0) return <p className="text-sm text-muted">{t('contact.noTickets')}</p>;
  return (
    <ul aria-label={t('contact.tickets')} className="space-y-2">
      {tickets.data.map((ticket) => (
        <TicketCard key={ticket.id} ticket={ticket} />
      ))}
    </ul>
  );
}

function TicketCard({ ticket }: { ticket: TicketSummary }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const [open, setOpen] = useState(false);
  return (
    <li className="rounded-xl border border-line bg-raised">
      <div className="flex items-center pr-1">
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex min-h-11 min-w-0 flex-1 items-center gap-2 rounded-xl px-2.5 py-1.5 text-left hover:bg-sunken">
          <ChevronRight aria-hidden="true" className={`size-4 shrink-0 text-faint transition-transform ${open ? 'rotate-90' : ''}`} />
          <span className="min-w-0">
            <span className="tabular block text-sm font-medium">{ticket.protocol}</span>
            <span className="tabular block truncate text-xs text-muted">
              {ticket.closed_at
                ? t('contact.ticketClosed', { from: dates.short(ticket.opened_at, now), to: dates.short(ticket.closed_at, now) })
                : t('contact.ticketOpen', { from: dates.short(ticket.opened_at, now) })}
            </span>
            {ticket.reason && <span className="block truncate text-xs text-muted">{t('contact.ticketReason', { name: ticket.reason.name })}</span>}
          </span>
        </button>
        <CopyButton text={ticket.protocol} label={t('contact.copyProtocol', { protocol: ticket.protocol })} />
      </div>
      {open && <History ticket={ticket.id} />}
    </li>
  );
}

function History({ ticket }: { ticket: number }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const detail = useQuery(ticketQuery(ticket));
  if (detail.isPending) return <LoadingRows rows={1} className="p-3" />;
  if (detail.isError) return <ErrorState error={detail.error} onRetry={() => void detail.refetch()} />;
  return (
    <div className="px-3 pb-3">
      <ol aria-label={t('contact.history')} className="space-y-1.5 border-l-2 border-line pl-3 text-xs">
        {detail.data.events.map((event, place) => (
          <li key={place}>
            <span className="block">{eventWords(t, event)}</span>
            <time dateTime={event.at} title={dates.full(event.at)} className="tabular text-faint">
              {dates.short(event.at, now)}
            </time>
          </li>
        ))}
      </ol>
      {detail.data.temporal_url && <TemporalLink href={detail.data.temporal_url} />}
    </div>
  );
}

/** What happened, in one line: who did it, to whom, and what decided where nobody did. */
export function eventWords(t: TFunction, event: TicketDetail['events'][number]): string {
  const where = event.agent?.name ?? event.queue?.name ?? '';
  const who = event.actor.name ?? t(`contact.actors.${event.actor.kind}`);
  const words = t(`contact.events.${event.kind satisfies TicketEventKind}`, { who, where });
  return event.rule ? `${words} (${t(`contact.rules.${event.rule}`)})` : words;
}
