import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Ban, Hourglass, MegaphoneOff, RotateCw, Workflow } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { contactQuery } from '@/api/queries/contacts';
import { flowRunQuery } from '@/api/queries/flow-runs';
import { useMe } from '@/api/queries/sign-in';
import { sendingConnectionsQuery } from '@/api/queries/start';
import type { Conversation } from '@/api/types';
import { Avatar } from '@/components/avatar';
import { Badge } from '@/components/badge';
import { Fact, Facts } from '@/components/facts';
import { TemporalLink } from '@/components/temporal-link';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { WaitingLine } from '@/components/waiting';
import { useDates, useNow } from '@/i18n/format';
import { contactLabel } from './conversation-row';
import { CompanyFacts, ContactFacts } from './details-contact';
import { Labels } from './details-labels';
import { CampaignOrigin, Files, TemplateSessions } from './details-messages';
import { Notes } from './details-notes';
import { Folded, Section } from './details-section';
import { BlockSwitch, Switches } from './details-switches';
import { Tickets } from './details-tickets';
import { ScheduledSection } from './scheduled/scheduled-section';
import { WindowMeter } from './window-meter';

/** Everything that is known beside the messages, changed where it stands: person, labels, notes, window, tickets, files, run. */
export default function DetailsPanel({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const contact = useQuery(contactQuery(conversation.contact.id));
  const name = contactLabel(conversation, t('inbox.unknownContact'));
  // Which of our numbers was written to (rule 184).
  const numbers = useQuery({ ...sendingConnectionsQuery, enabled: useMe().permissions.includes('messages:send') });
  const number = numbers.data?.find(({ id }) => id === conversation.connection.id);
  return (
    <div className="h-full overflow-y-auto pb-8">
      <div className="flex flex-col items-center gap-2 px-5 pt-6 pb-5 text-center">
        <Avatar name={name} seed={conversation.contact.id} className="size-16 text-xl" />
        <h2 className="text-lg leading-tight font-semibold text-balance">{name}</h2>
        <p className="tabular text-sm text-muted">{t('contact.number', { number: conversation.number })}</p>
        {(contact.data?.blocked_at !== undefined || conversation.contact.blocked) && (
          <Badge tone="bad">
            <Ban aria-hidden="true" className="size-3.5" />
            {t('contact.blocked')}
          </Badge>
        )}
        {contact.data?.marketing_stopped_at !== undefined && (
          <Badge tone="warn">
            <MegaphoneOff aria-hidden="true" className="size-3.5" />
            {t('contact.marketingStopped')}
          </Badge>
        )}
      </div>

      {contact.data && <Labels contact={contact.data} />}

      <Section title={t('window.label')}>
        <WindowMeter expiresAt={conversation.window_expires_at} />
        <TemplateSessions conversation={conversation} />
        {conversation.may_hold && (
          <p className="mt-2 flex items-center gap-1.5 text-sm text-accent-strong">
            <Hourglass aria-hidden="true" className="size-4" />
            {t('contact.awaits')}
          </p>
        )}
        {conversation.held_count > 0 && (
          <p className="mt-2 flex items-center gap-1.5 text-sm text-warn">
            <Hourglass aria-hidden="true" className="size-4" />
            {t('contact.held', { count: conversation.held_count })}
          </p>
        )}
        {conversation.retrying_count > 0 && (
          <p className="mt-1 flex items-center gap-1.5 text-sm text-warn">
            <RotateCw aria-hidden="true" className="size-4" />
            {t('contact.retrying', { count: conversation.retrying_count })}
          </p>
        )}
      </Section>

      <TicketSection conversation={conversation} />
      <RunSection conversation={conversation} />

      {contact.isPending ? (
        <LoadingRows rows={3} />
      ) : contact.isError ? (
        <ErrorState error={contact.error} onRetry={() => void contact.refetch()} />
      ) : (
        <>
          <ContactFacts contact={contact.data} />
          <CompanyFacts contact={contact.data} />
          <Notes contact={contact.data.id} />
          <Switches conversation={conversation} contact={contact.data} />
        </>
      )}

      <CampaignOrigin conversation={conversation.id} />
      <Folded title={t('scheduled.section')}>{() => <ScheduledSection conversation={conversation} />}</Folded>
      <Folded title={t('contact.tickets')}>{() => <Tickets conversation={conversation.id} />}</Folded>
      <Folded title={t('contact.filesTitle')}>{() => <Files conversation={conversation.id} />}</Folded>

      {contact.data && contact.data.identities.length > 0 && (
        <Folded title={t('contact.identities')}>
          {() => (
            <Facts columns={1}>
              {contact.data.identities.map((identity) => (
                <Fact key={`${identity.kind}:${identity.value}`} name={t(`contact.identity.${identity.kind}`)} copy={identity.address}>
                  <span className="font-mono text-xs">{identity.address}</span>
                </Fact>
              ))}
            </Facts>
          )}
        </Folded>
      )}

      <Section title={t('contact.connection')}>
        <p className="text-sm font-medium">{conversation.connection.name}</p>
        {number?.display_phone && <p className="tabular text-sm">{t('contact.ourNumber', { number: number.display_phone })}</p>}
        <p className="text-sm text-muted">{t('contact.since', { when: dates.short(conversation.created_at, now) })}</p>
      </Section>
      {contact.data && <BlockSwitch conversation={conversation} contact={contact.data} />}
    </div>
  );
}

/** Who answers now, and the open ticket or the last one. */
function TicketSection({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const { ticket, last_ticket: last } = conversation;
  return (
    <Section title={t('contact.inCharge')}>
      <p className="font-medium">{t(`contact.charge.${conversation.in_charge}`)}</p>
      <p className="text-sm text-muted">{t(`contact.chargeHint.${conversation.in_charge}`)}</p>
      {ticket && (
        <Facts columns={1} className="mt-2">
          <Fact name={t('contact.protocol')} copy={ticket.protocol}>
            {ticket.protocol}
          </Fact>
          {ticket.queue && (
            <Fact name={t('contact.queue')}>
              <span className="inline-flex items-center gap-1.5">
                <span aria-hidden="true" className="size-2.5 rounded-full" style={{ background: ticket.queue.color }} />
                {ticket.queue.name}
              </span>
            </Fact>
          )}
          {ticket.agent && <Fact name={t('timeline.origin.agent')}>{ticket.agent.name}</Fact>}
          <Fact name={t('contact.ticketOrigin')}>{t(`contact.ticketOrigins.${ticket.origin}`)}</Fact>
          {ticket.lease_until && <Fact name={t('contact.lease')}>{dates.short(ticket.lease_until, now)}</Fact>}
          {ticket.snoozed?.reason && <Fact name={t('acts.snoozeReason')}>{ticket.snoozed.reason}</Fact>}
        </Facts>
      )}
      {!ticket && last && (
        <p className="tabular mt-2 text-sm text-muted">
          {t('contact.lastTicket', { protocol: last.protocol, when: dates.short(last.closed_at, now) })}
          {last.reason && ` · ${last.reason.name}`}
        </p>
      )}
    </Section>
  );
}

function RunSection({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const mayReadRuns = useMe().permissions.includes('flow_runs:read');
  const id = conversation.flow_run?.id;
  const run = useQuery({ ...flowRunQuery(id ?? 0), enabled: mayReadRuns && id !== undefined });
  if (!conversation.flow_run) return null;
  return (
    <Section title={t('contact.run')}>
      <p className="flex items-center gap-2 font-medium">
        <Workflow aria-hidden="true" className="size-4 text-accent" />
        {conversation.flow_run.flow_name}
        {run.data && <span className="tabular text-sm font-normal text-muted">{t('runs.version', { number: run.data.version })}</span>}
      </p>
      {run.data && (
        <>
          <p className="mt-1 text-sm">{t('contact.atNode', { node: run.data.node_name || run.data.node })}</p>
          <WaitingLine run={run.data} className="text-sm text-muted" />
        </>
      )}
      {mayReadRuns && (
        <p className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-sm">
          <Link
            to="/execucoes/$id"
            params={{ id: String(conversation.flow_run.id) }}
            className="inline-flex min-h-6 items-center font-medium text-accent-strong underline-offset-4 hover:underline"
          >
            {t('runs.run', { id: conversation.flow_run.id })}
          </Link>
          {run.data?.temporal_url && <TemporalLink href={run.data.temporal_url} />}
        </p>
      )}
    </Section>
  );
}
