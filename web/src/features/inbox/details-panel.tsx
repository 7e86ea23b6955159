import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Ban, Hourglass, MegaphoneOff, RotateCw, Workflow } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { accountQuery } from '@/api/queries/account';
import { contactQuery } from '@/api/queries/contacts';
import { flowRunQuery } from '@/api/queries/flow-runs';
import { useMe } from '@/api/queries/sign-in';
import type { ContactDetail, Conversation } from '@/api/types';
import { Avatar } from '@/components/avatar';
import { Badge } from '@/components/badge';
import { Fact, Facts } from '@/components/facts';
import { TemporalLink } from '@/components/temporal-link';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { WaitingLine } from '@/components/waiting';
import { phoneNumber, useDates, useNow } from '@/i18n/format';
import { contactLabel } from './conversation-row';
import { WindowMeter } from './window-meter';

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-t border-line px-5 py-4">
      <h3 className="mb-2 text-xs font-semibold text-faint">{title}</h3>
      {children}
    </section>
  );
}

/** Everything that is known beside the messages: the person, the window, who answers, the run. */
export function DetailsPanel({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const contact = useQuery(contactQuery(conversation.contact.id));
  const name = contactLabel(conversation, t('inbox.unknownContact'));
  const phone = conversation.contact.phone;
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

      <Section title={t('window.label')}>
        <WindowMeter expiresAt={conversation.window_expires_at} />
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

      <Section title={t('contact.inCharge')}>
        <p className="font-medium">{t(`contact.charge.${conversation.in_charge}`)}</p>
        <p className="text-sm text-muted">{t(`contact.chargeHint.${conversation.in_charge}`)}</p>
        {conversation.ticket && (
          <Facts columns={1} className="mt-2">
            <Fact name={t('contact.protocol')} copy={conversation.ticket.protocol}>
              {conversation.ticket.protocol}
            </Fact>
            {conversation.ticket.queue && (
              <Fact name={t('contact.queue')}>
                <span className="inline-flex items-center gap-1.5">
                  <span aria-hidden="true" className="size-2.5 rounded-full" style={{ background: conversation.ticket.queue.color }} />
                  {conversation.ticket.queue.name}
                </span>
              </Fact>
            )}
            {conversation.ticket.agent && <Fact name={t('timeline.origin.agent')}>{conversation.ticket.agent.name}</Fact>}
          </Facts>
        )}
      </Section>

      <RunSection conversation={conversation} />

      <Section title={t('contact.contact')}>
        {contact.isPending ? (
          <LoadingRows rows={2} className="p-0" />
        ) : contact.isError ? (
          <ErrorState error={contact.error} onRetry={() => void contact.refetch()} />
        ) : (
          <>
            <Facts columns={1}>
              {phone !== undefined && (
                <Fact name={t('contact.phone')} copy={phone}>
                  {phoneNumber(phone)}
                </Fact>
              )}
              {contact.data.email && (
                <Fact name={t('contact.email')} copy={contact.data.email}>
                  {contact.data.email}
                </Fact>
              )}
              {contact.data.profile_name !== '' && contact.data.profile_name !== contact.data.name && (
                <Fact name={t('contact.profileName')}>{contact.data.profile_name}</Fact>
              )}
              <Fields contact={contact.data} />
            </Facts>
            {contact.data.labels.length > 0 && (
              <ul aria-label={t('contact.labels')} className="mt-2 flex flex-wrap gap-1.5">
                {contact.data.labels.map((label) => (
                  <li key={label.id} className="inline-flex items-center gap-1.5 rounded-full bg-sunken px-2.5 py-0.5 text-xs font-medium">
                    <span aria-hidden="true" className="size-2 rounded-full" style={{ background: label.color }} />
                    {label.name}
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </Section>

      {contact.data && contact.data.identities.length > 0 && (
        <Section title={t('contact.identities')}>
          <Facts columns={1}>
            {contact.data.identities.map((identity) => (
              <Fact key={`${identity.kind}:${identity.value}`} name={t(`contact.identity.${identity.kind}`)} copy={identity.address}>
                <span className="font-mono text-xs">{identity.address}</span>
              </Fact>
            ))}
          </Facts>
        </Section>
      )}

      <Section title={t('contact.connection')}>
        <p className="text-sm font-medium">{conversation.connection.name}</p>
        <p className="text-sm text-muted">{t('contact.since', { when: dates.short(conversation.created_at, now) })}</p>
      </Section>
    </div>
  );
}

const SYSTEM_FIELDS = ['birth_date', 'cpf', 'rg', 'client_code'] as const;

/** What is saved about a contact: the system's fields (rule 185), then the account's own under the names it gave them. */
function Fields({ contact }: { contact: ContactDetail }) {
  const { t } = useTranslation();
  const account = useQuery(accountQuery);
  const names = new Map(account.data?.custom_fields.filter(({ entity }) => entity === 'contact').map(({ key, name }) => [key, name]));
  const named = [
    ...SYSTEM_FIELDS.map((key) => ({ key, name: t(`contact.fields.${key}`), value: contact.fields[key] })),
    ...Object.entries(contact.custom_values).map(([key, value]) => ({ key: `custom.${key}`, name: names.get(key) ?? key, value })),
  ];
  return named
    .filter(({ value }) => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    .map(({ key, name, value }) => (
      <Fact key={key} name={name}>
        {String(value)}
      </Fact>
    ));
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
