import { AlarmClock, BotOff, CircleUserRound, Flag } from 'lucide-react';
import { lazy, Suspense, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '@/api/types';
import { Avatar } from '@/components/avatar';
import { Badge } from '@/components/badge';
import type { MenuItem } from '@/components/menu';
import { phoneNumber, useDates, useNow } from '@/i18n/format';
import type { Asking } from './actions/dialogs';
import { contactLabel } from './conversation-row';
import { WindowLabel } from './window-meter';

// The first paint needs the list and the messages: what can be done with them comes right behind.
const HeaderActions = lazy(() => import('./actions/header-actions'));
const Faces = lazy(() => import('./together/faces'));

/** Over a conversation: whose it is, who serves it and in which queue (rule 087), and what can be done with it. */
export function ConversationHeader({
  conversation,
  back,
  toggle,
  more,
  asking,
  onAsk,
}: {
  conversation: Conversation;
  /** The way back to the list, on a phone. */
  back: ReactNode;
  /** The button of the panel. */
  toggle: ReactNode;
  /** What the menu has besides the acts. */
  more: readonly MenuItem[];
  asking: Asking | undefined;
  onAsk: (asking: Asking | undefined) => void;
}) {
  const { t } = useTranslation();
  const now = useNow(30_000);
  const name = contactLabel(conversation, t('inbox.unknownContact'));
  const { contact, connection } = conversation;
  return (
    <header className="@container flex min-h-15 items-center gap-2 border-b border-line bg-surface px-2 md:px-4">
      {back}
      <Avatar name={name} seed={contact.id} className="size-9 text-xs max-sm:hidden" />
      <div className="min-w-0 flex-1 py-1.5">
        <h2 className="truncate leading-tight font-semibold">{name}</h2>
        <p className="tabular truncate text-xs text-muted">{[contact.phone ? phoneNumber(contact.phone) : '', connection.name].filter(Boolean).join(' · ')}</p>
        <div className="mt-0.5 flex items-center gap-1.5 overflow-hidden">
          <WhoServes conversation={conversation} />
          <WindowLabel conversation={conversation} now={now} />
        </div>
      </div>
      <Suspense>
        <Faces conversation={conversation.id} />
      </Suspense>
      <Suspense fallback={<span className="w-32 shrink-0" />}>
        <HeaderActions conversation={conversation} asking={asking} onAsk={onAsk} more={more} />
      </Suspense>
      {toggle}
    </header>
  );
}

/** Who answers: the flow, the agent, the queue, or nobody; and what else is to be known before one writes. */
function WhoServes({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const { ticket, flow_run: run, in_charge: charge, priority } = conversation;
  return (
    <>
      {ticket ? (
        <>
          <Badge tone={ticket.agent ? 'info' : 'warn'}>
            <CircleUserRound aria-hidden="true" className="size-3.5" />
            {ticket.agent?.name ?? t('contact.waiting')}
          </Badge>
          {ticket.queue && (
            <Badge>
              <span aria-hidden="true" className="size-2 rounded-full" style={{ background: ticket.queue.color }} />
              {ticket.queue.name}
            </Badge>
          )}
          {ticket.snoozed && (
            <Badge tone="accent" {...(ticket.snoozed.reason && { title: ticket.snoozed.reason })}>
              <AlarmClock aria-hidden="true" className="size-3.5" />
              {ticket.snoozed.until ? t('acts.snoozedUntil', { when: dates.short(ticket.snoozed.until, now) }) : t('acts.snoozedReply')}
            </Badge>
          )}
        </>
      ) : (
        <Badge tone={charge === 'flow' ? 'accent' : 'neutral'}>{charge === 'flow' && run ? run.flow_name : t(`contact.charge.${charge}`)}</Badge>
      )}
      {priority !== 'none' && (
        <Badge tone={priority === 'urgent' || priority === 'high' ? 'bad' : 'neutral'} title={t('contact.priority', { name: t(`acts.priorities.${priority}`).toLocaleLowerCase() })}>
          <Flag aria-hidden="true" className="size-3.5" />
          {t(`acts.priorities.${priority}`)}
        </Badge>
      )}
      {conversation.chatbot_disabled && (
        <Badge tone="warn" title={t('contact.chatbotOffHint')}>
          <BotOff aria-hidden="true" className="size-3.5" />
          {t('contact.chatbotOff')}
        </Badge>
      )}
    </>
  );
}
