import { Link } from '@tanstack/react-router';
import { Bot, EllipsisVertical, PenLine } from 'lucide-react';
import { memo, type MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '@/api/types';
import { Avatar } from '@/components/avatar';
import { plainText } from '@/components/whatsapp-text';
import { phoneNumber, useDates } from '@/i18n/format';
import { ChannelMark, FlowMark, FollowedMark, Labels, LeaseMark, NoReply, People, PriorityMark, Snoozed, UnreadMark } from './row-marks';
import { listSearch, type InboxSearch } from './search';
import { noteText } from './system-notes';
import { statusOf, Tick } from './ticks';
import { useLongPress } from './use-long-press';
import { WindowLabel } from './window-meter';

/** What people call a contact: the name, else the number, else words that say that there is neither. */
export function contactLabel(conversation: Conversation, unknown: string): string {
  const { name, phone } = conversation.contact;
  return name || (phone ? phoneNumber(phone) : unknown);
}

/** What can be done with a row. The functions stay the same between renders, so that a row renders only when it changes. */
export interface RowActs {
  /** Takes a row into the selection or out of it; with `range` all up to the last one that was taken. */
  select: (id: number, range: boolean) => void;
  /** Opens the menu of a row at a place. */
  menu: (id: number, anchor: Element) => void;
  /** The row is about to be opened. */
  intend: (id: number) => void;
}

interface RowProps {
  conversation: Conversation;
  search: InboxSearch;
  now: number;
  current: boolean;
  selected: boolean;
  /** Something is selected: every row shows its box. */
  selecting: boolean;
  /** The beginning of what the reader has written and not sent. */
  draft: string | undefined;
  compact: boolean;
  /** Whether Tab stops at what a row has besides itself: without single keys there is no other way to it. */
  tabbable: boolean;
  acts: RowActs;
}

function Preview({ conversation, draft }: { conversation: Conversation; draft: string | undefined }) {
  const { t } = useTranslation();
  const { last_message: last, hit } = conversation;
  if (hit) return <span className="truncate">{t('list.hit', { text: plainText(hit.excerpt) })}</span>;
  if (draft !== undefined) {
    return (
      <>
        <span className="inline-flex shrink-0 items-center gap-1 font-medium text-warn">
          <PenLine aria-hidden="true" className="size-3.5" />
          {t('list.draft')}
        </span>
        <span className="truncate">{plainText(draft)}</span>
      </>
    );
  }
  if (!last) return <span className="truncate" />;
  const unread = conversation.unread_count > 0 || conversation.marked_unread;
  return (
    <>
      {last.direction === 'out' && <Tick status={statusOf(last.status)} className="shrink-0" />}
      {last.direction === 'out' && last.origin === 'bot' && <Bot aria-label={t('timeline.origin.bot')} className="size-3.5 shrink-0" />}
      {last.direction === 'note' && <span className="shrink-0 font-medium text-bad">{t('list.note')}</span>}
      <span className={`truncate ${unread ? 'text-ink' : ''}`}>{plainText(noteText(t, last.system_note, last.preview))}</span>
    </>
  );
}

/**
 * One conversation of the list: who, when, what was said last, and below it who serves and how urgent it is. Compact rows
 * have what is below beside the words.
 */
export const ConversationRow = memo(function ConversationRow({ conversation, search, now, current, selected, selecting, draft, compact, tabbable, acts }: RowProps) {
  const { t } = useTranslation();
  const dates = useDates();
  const { id } = conversation;
  const name = contactLabel(conversation, t('inbox.unknownContact'));
  const unread = conversation.unread_count > 0 || conversation.marked_unread;
  const { last: pressed, handlers: pressing } = useLongPress(() => acts.select(id, false));
  const onClick = (event: MouseEvent) => {
    // A finger that has begun to select goes on so: it has no other way to the box.
    const { held, touched } = pressed.current;
    if (!held && !event.shiftKey && !(touched && selecting)) return;
    event.preventDefault();
    if (!held) acts.select(id, event.shiftKey);
  };
  const marks = (
    <>
      <People conversation={conversation} compact={compact} />
      <Labels labels={conversation.labels} />
      <span className="ml-auto flex shrink-0 items-center gap-1.5">
        <Snoozed ticket={conversation.ticket} now={now} compact={compact} />
        <LeaseMark ticket={conversation.ticket} now={now} />
        {!conversation.ticket?.snoozed && (
          <>
            <WindowLabel conversation={conversation} now={now} />
            <NoReply conversation={conversation} now={now} compact={compact} />
          </>
        )}
      </span>
    </>
  );
  return (
    <div
      className={`group relative h-full border-l-3 ${current ? 'border-accent bg-accent-soft' : selected ? 'border-transparent bg-accent-soft/60' : 'border-transparent hover:bg-sunken'}`}
    >
      <Link
        to="/conversas/$number"
        params={{ number: String(conversation.number) }}
        search={conversation.hit ? { ...search, mensagem: conversation.hit.message_id } : listSearch(search)}
        aria-current={current ? 'page' : undefined}
        data-conversation={conversation.number}
        onClick={onClick}
        onPointerEnter={() => acts.intend(id)}
        onFocus={() => acts.intend(id)}
        onContextMenu={(event) => {
          event.preventDefault();
          if (!pressed.current.touched) acts.menu(id, event.currentTarget);
        }}
        {...pressing}
        className="pointer-coarse:select-none [-webkit-touch-callout:none] flex h-full items-center gap-3 px-3 outline-offset-[-3px]"
      >
        <span className={`relative shrink-0 ${selecting ? 'invisible' : 'group-focus-within:invisible group-hover:invisible pointer-coarse:visible'}`}>
          <Avatar name={name} seed={conversation.contact.id} />
          <ChannelMark connection={conversation.connection} />
        </span>
        <div className="min-w-0 flex-1">
          <div className="flex items-center gap-1.5">
            <span className={`truncate leading-5 ${unread ? 'font-semibold' : 'font-medium'}`}>{name}</span>
            <FlowMark run={conversation.in_charge === 'flow' ? conversation.flow_run : undefined} />
            <PriorityMark priority={conversation.priority} />
            <FollowedMark followed={conversation.followed} />
            <span className="ml-auto shrink-0 pl-1 group-focus-within:invisible group-hover:invisible pointer-coarse:visible">
              {conversation.last_message_at && (
                <time
                  dateTime={conversation.last_message_at}
                  title={dates.full(conversation.last_message_at)}
                  className={`tabular text-xs ${unread ? 'font-semibold text-accent-strong' : 'text-faint'}`}
                >
                  {dates.list(conversation.last_message_at, now)}
                </time>
              )}
            </span>
          </div>
          <div className="flex items-center gap-1.5 text-sm leading-4.5 text-muted">
            <Preview conversation={conversation} draft={draft} />
            <span className="ml-auto flex shrink-0 items-center gap-1.5">
              {compact && marks}
              <UnreadMark count={conversation.unread_count} marked={conversation.marked_unread} />
            </span>
          </div>
          {!compact && <div className="mt-0.5 flex h-4.5 items-center gap-1.5 overflow-hidden text-xs text-muted">{marks}</div>}
        </div>
      </Link>
      <label
        className={`absolute top-1/2 left-3 flex size-10 -translate-y-1/2 cursor-pointer items-center justify-center ${selecting || selected ? '' : 'opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:hidden'}`}
      >
        <input
          type="checkbox"
          checked={selected}
          tabIndex={tabbable ? 0 : -1}
          aria-label={t('list.select', { name })}
          onChange={() => undefined}
          onClick={(event) => acts.select(id, event.shiftKey)}
          className="size-4.5 accent-[var(--accent)]"
        />
      </label>
      <button
        type="button"
        tabIndex={tabbable ? 0 : -1}
        aria-label={t('list.menuOf', { name })}
        aria-haspopup="menu"
        onClick={(event) => acts.menu(id, event.currentTarget)}
        className="absolute top-1.5 right-1.5 inline-flex size-7 items-center justify-center rounded-md text-muted opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 hover:bg-surface hover:text-ink pointer-coarse:hidden"
      >
        <EllipsisVertical aria-hidden="true" className="size-4" />
      </button>
    </div>
  );
});
