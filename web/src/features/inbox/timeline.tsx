import { useInfiniteQuery } from '@tanstack/react-query';
import { ArrowDown, MessageCircle } from 'lucide-react';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { markRead } from '@/api/queries/conversations';
import { messagesQuery } from '@/api/queries/messages';
import { flatten } from '@/api/queries/pages';
import type { Conversation, Message } from '@/api/types';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import { useDates, useNow } from '@/i18n/format';
import { Bubble, SystemLine } from './bubble';
import { inWords } from './content/words';
import { firstUnreadOf, layOut, type TimelineItem } from './timeline-items';

/** Nearer to the end than this counts as being there. */
const AT_END_PX = 60;
/** Nearer to the top than this, earlier messages are fetched. */
const NEAR_TOP_PX = 600;

function contactName(conversation: Conversation, unknown: string): string {
  return conversation.contact.name || conversation.contact.phone || unknown;
}

/** The messages of a conversation, live: anchored to the end while the reader is there, still while they are not. */
export function Timeline({ conversation, onSeen }: { conversation: Conversation; onSeen: (conversation: Conversation) => void }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery(messagesQuery(conversation.id));
  const messages = useMemo(() => flatten(query.data), [query.data]);
  const sender = contactName(conversation, t('inbox.unknownContact'));

  // The divider stands where the reader came in; what arrives while they look on is not unread.
  const [firstUnread, setFirstUnread] = useState<number | 'unset'>('unset');
  if (firstUnread === 'unset' && query.isSuccess) setFirstUnread(firstUnreadOf(messages, conversation.unread_count) ?? 0);
  const items = useMemo(() => layOut(messages, firstUnread === 'unset' ? 0 : firstUnread), [messages, firstUnread]);
  const byId = useMemo(() => {
    const map = new Map<number, Message>();
    for (const message of messages) map.set(message.id, message);
    return map;
  }, [messages]);

  const scroller = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const [atEnd, setAtEnd] = useState(true);
  const [seenId, setSeenId] = useState(0);
  const newest = messages[0]?.id ?? 0;
  const oldest = messages.at(-1)?.id ?? 0;
  const height = useRef(0);
  const before = useRef({ oldest: 0 });

  const toEnd = useCallback((smooth: boolean) => {
    const box = scroller.current;
    box?.scrollTo({ top: box.scrollHeight, behavior: smooth ? 'smooth' : 'instant' });
  }, []);

  // What came above must not move what is being read; browsers anchor by themselves except at the very top.
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const prepended = before.current.oldest !== 0 && oldest < before.current.oldest;
    if (stuck.current) toEnd(false);
    else if (prepended && (box.scrollTop < 1 || !CSS.supports('overflow-anchor', 'auto'))) box.scrollTop += box.scrollHeight - height.current;
    height.current = box.scrollHeight;
    before.current.oldest = oldest;
  }, [items, oldest, toEnd]);

  // Pictures grow as they load: whoever is at the end stays there.
  useEffect(() => {
    const content = inner.current;
    if (!content || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(() => {
      if (stuck.current) toEnd(false);
    });
    observer.observe(content);
    return () => observer.disconnect();
  }, [query.isSuccess, toEnd]);

  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const onScroll = () => {
    const box = scroller.current;
    if (!box) return;
    const end = box.scrollHeight - box.scrollTop - box.clientHeight < AT_END_PX;
    stuck.current = end;
    setAtEnd(end);
    if (end) setSeenId(newest);
    if (box.scrollTop < NEAR_TOP_PX && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  };

  // A conversation is read when its end is on a visible screen (rule 081).
  const unread = conversation.unread_count > 0;
  const told = useRef(0);
  const conversationId = conversation.id;
  useEffect(() => {
    const tell = () => {
      if (!atEnd || !unread || newest === 0 || told.current >= newest || document.visibilityState !== 'visible') return;
      told.current = newest;
      markRead(conversationId, newest).then(onSeen, () => {
        told.current = 0; // The next message or visit tells again.
      });
    };
    tell();
    document.addEventListener('visibilitychange', tell);
    return () => document.removeEventListener('visibilitychange', tell);
  }, [atEnd, unread, newest, conversationId, onSeen]);

  const [highlight, setHighlight] = useState(0);
  const jump = useCallback((id: number) => {
    const element = document.getElementById(`m-${id}`);
    if (!element) return;
    element.scrollIntoView({ block: 'center', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth' });
    setHighlight(id);
    setTimeout(() => setHighlight((current) => (current === id ? 0 : current)), 1700);
  }, []);

  if (query.isPending) return <LoadingRows rows={7} className="flex-1" />;
  if (query.isError && messages.length === 0) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (messages.length === 0) return <EmptyState icon={MessageCircle} title={t('timeline.empty')} hint={t('timeline.emptyHint')} />;

  const below = atEnd ? 0 : messages.filter((message) => message.id > seenId && message.direction === 'in' && seenId > 0).length;
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        onScroll={onScroll}
        role="log"
        aria-label={t('timeline.label')}
        aria-live="off"
        tabIndex={0}
        className="riverbed h-full overflow-y-auto px-3 py-3 outline-offset-[-2px] sm:px-6"
      >
        <div ref={inner} className="mx-auto max-w-3xl">
          {hasNextPage ? (
            <p className="py-2 text-center">
              <button
                type="button"
                disabled={isFetchingNextPage}
                onClick={() => void fetchNextPage()}
                className="min-h-8 rounded-full bg-surface px-4 text-xs font-medium text-muted shadow-bubble hover:text-ink"
              >
                {isFetchingNextPage ? t('app.loading') : t('timeline.older')}
              </button>
            </p>
          ) : (
            <p className="py-2 text-center text-xs text-faint">{t('timeline.start')}</p>
          )}
          {items.map((item) => (
            <Item key={item.key} item={item} byId={byId} sender={sender} highlight={highlight} onJump={jump} />
          ))}
        </div>
      </div>
      {!atEnd && (
        <button
          type="button"
          onClick={() => {
            stuck.current = true;
            toEnd(true);
          }}
          className="absolute bottom-4 left-1/2 inline-flex min-h-9 -translate-x-1/2 items-center gap-2 rounded-full border border-line bg-raised px-4 text-sm font-medium shadow-card hover:bg-sunken"
        >
          <ArrowDown aria-hidden="true" className="size-4" />
          {below > 0 ? t('timeline.newMessages', { count: below }) : <span className="sr-only">{t('timeline.jumpDown')}</span>}
        </button>
      )}
      <Announcer messages={messages} sender={sender} />
    </div>
  );
}

function Item({
  item,
  byId,
  sender,
  highlight,
  onJump,
}: {
  item: TimelineItem;
  byId: Map<number, Message>;
  sender: string;
  highlight: number;
  onJump: (id: number) => void;
}) {
  const { t } = useTranslation();
  switch (item.type) {
    case 'day':
      return <DayLine at={item.at} />;
    case 'unread':
      return (
        <p className="my-3 flex items-center gap-3 text-xs font-medium text-accent-strong">
          <span aria-hidden="true" className="h-px flex-1 bg-accent/40" />
          {t('timeline.unreadDivider')}
          <span aria-hidden="true" className="h-px flex-1 bg-accent/40" />
        </p>
      );
    case 'system':
      return <SystemLine message={item.message} />;
    case 'bubble':
      return (
        <Bubble
          item={item}
          quoted={byId.get(item.content.reply_to?.message_id ?? 0)}
          sender={sender}
          highlighted={highlight === item.message.id}
          onJump={onJump}
        />
      );
  }
}

function DayLine({ at }: { at: string }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  return (
    <h3 className="sticky top-0 z-10 my-3 flex justify-center text-xs font-medium">
      <span className="rounded-full bg-surface px-3 py-1 text-muted shadow-bubble">
        {dates.day(at, now, { today: t('time.today'), yesterday: t('time.yesterday') })}
      </span>
    </h3>
  );
}

/** Reads a new message aloud once, in a sentence: the log itself stays silent. */
function Announcer({ messages, sender }: { messages: readonly Message[]; sender: string }) {
  const { t } = useTranslation();
  const newest = messages[0];
  const [first] = useState(newest?.id ?? 0);
  const fresh = newest && newest.id > first && newest.direction !== 'system' ? newest : undefined;
  return (
    <p role="status" className="sr-only">
      {fresh &&
        (fresh.direction === 'in'
          ? t('timeline.announceIn', { name: sender, text: inWords(fresh.content, t) })
          : t('timeline.announceOut', { text: inWords(fresh.content, t) }))}
    </p>
  );
}
