import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, MessageCircle } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState, type Ref, type UIEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { markRead } from '@/api/queries/conversations';
import { messagesQuery } from '@/api/queries/messages';
import { flatten } from '@/api/queries/pages';
import { useMe } from '@/api/queries/sign-in';
import type { Conversation, Message } from '@/api/types';
import { usePreferences } from '@/app/preferences';
import { toast } from '@/components/toast';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import { useDates, useNow } from '@/i18n/format';
import { Bubble, SystemLine } from './bubble';
import { outboxOf, useSendings } from './composer/outbox';
import { sourceOf } from './content/media';
import { PictureContext, type Picture } from './content/pictures';
import { inWords } from './content/words';
import { firstUnreadOf, layOut, rowsOf, type TimelineRow } from './timeline-items';

const Lightbox = lazy(() => import('./lightbox'));

/** Nearer to the end than this counts as being there. */
const AT_END_PX = 60;
/** So many rows from the top, earlier messages are fetched. */
const NEAR_TOP_ROWS = 15;
/** How many pages a jump to a message that is not loaded may fetch. */
const JUMP_PAGES = 60;
/** Above the first row there is room for what says whether there is more. */
const TOP_PX = 44;
/** A scroll so soon after a hand moved is the hand's. */
const MOVED_MS = 1000;
/** How long the row that was jumped to stays marked. */
const MARKED_MS = 1700;

function contactName(conversation: Conversation, unknown: string): string {
  return conversation.contact.name || conversation.contact.phone || unknown;
}

/** Roughly how high a row is before it is drawn. */
function estimate({ item, before }: TimelineRow): number {
  const extra = before.length * 44;
  if (item.type === 'system') return 40 + extra;
  const { kind, text = '' } = item.content;
  if (kind === 'image' || kind === 'video') return 320 + extra;
  return 52 + 22 * Math.ceil(text.length / 60) + extra;
}

/** The pictures of a conversation, oldest first. */
function picturesOf(rows: readonly TimelineRow[], from: (name: string) => string, sender: string): Picture[] {
  return rows.flatMap(({ item }) => {
    if (item.type !== 'bubble' || item.content.kind !== 'image' || !item.content.media) return [];
    const { media } = item.content;
    const src = sourceOf({ media, file: item.message.media });
    const who = item.message.direction === 'in' ? sender : '';
    return src === undefined ? [] : [{ src, alt: media.caption || from(who), caption: media.caption ?? '', filename: media.filename ?? '' }];
  });
}

/** Where a reader is: at the end, or so many pixels into a row. */
export type Place = 'end' | { key: string; into: number };

/** Remembers where the reader is, and goes back there. */
export interface TimelinePlaces {
  now: () => Place;
  back: (place: Place) => void;
}

/** The messages of a conversation, live: anchored to the end while the reader is there, still while they are not. */
export function Timeline({
  conversation,
  at,
  lit,
  places,
  onSeen,
}: {
  conversation: Conversation;
  /** The message that it opens at, instead of its end. */
  at?: number | undefined;
  /** The message that is shown and stays marked: what a search inside the conversation is at. */
  lit?: number | undefined;
  places?: Ref<TimelinePlaces>;
  onSeen: (conversation: Conversation) => void;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const me = useMe();
  const query = useInfiniteQuery(messagesQuery(conversation.id));
  const messages = useMemo(() => flatten(query.data), [query.data]);
  const sendings = useSendings(outboxOf(client), conversation.id);
  const sender = contactName(conversation, t('inbox.unknownContact'));
  const { id: myId, name: myName } = me.user;

  // The divider stands where the reader came in; what arrives while they look on is not unread.
  const [firstUnread, setFirstUnread] = useState<number | 'unset'>('unset');
  if (firstUnread === 'unset' && query.isSuccess) setFirstUnread(firstUnreadOf(messages, conversation.unread_count) ?? 0);
  const rows = useMemo(
    () => rowsOf(layOut(messages, firstUnread === 'unset' ? 0 : firstUnread, sendings, { id: myId, name: myName })),
    [messages, firstUnread, sendings, myId, myName],
  );
  const byId = useMemo(() => new Map(messages.map((message) => [message.id, message])), [messages]);

  const scroller = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [seenId, setSeenId] = useState(0);
  const newest = messages[0]?.id ?? 0;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimate(rows[index]!),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 8,
    paddingStart: TOP_PX,
    paddingEnd: 12,
    // What comes above or grows above must not move what is being read, and who is at the end stays there.
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: AT_END_PX,
    // A browser without layout (tests) shows the first rows.
    initialRect: { width: 800, height: 800 },
  });

  // A conversation opens at its end.
  const opened = useRef(false);
  useEffect(() => {
    if (opened.current || rows.length === 0) return;
    opened.current = true;
    virtual.scrollToEnd();
  }, [rows.length, virtual]);
  // Who sends wants to see it, wherever they were reading.
  const lastSent = sendings.at(-1)?.seq ?? 0;
  const shownSent = useRef(lastSent);
  useEffect(() => {
    if (lastSent > shownSent.current) virtual.scrollToEnd();
    shownSent.current = Math.max(shownSent.current, lastSent);
  }, [lastSent, virtual]);

  // The composer grows and shrinks: who was at the end stays there.
  const stuck = useRef(true);
  const moved = useRef(0);
  const inner = useRef<HTMLDivElement>(null);
  const onMove = () => {
    moved.current = Date.now();
  };
  const loaded = rows.length > 0;
  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const observer = new ResizeObserver(() => {
      if (stuck.current) virtual.scrollToEnd();
    });
    observer.observe(box);
    if (inner.current) observer.observe(inner.current);
    return () => observer.disconnect();
  }, [loaded, virtual]);

  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const visible = virtual.getVirtualItems();
  const top = visible[0]?.index ?? 0;
  useEffect(() => {
    if (opened.current && top < NEAR_TOP_ROWS && hasNextPage && !isFetchingNextPage && scroller.current && scroller.current.scrollTop < scroller.current.clientHeight * 2) {
      void fetchNextPage();
    }
  }, [top, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const onScroll = ({ currentTarget: box }: UIEvent<HTMLElement>) => {
    // The box itself is asked: the virtualizer hears of this scroll later, and thinks of a jump that it is still at the end.
    const end = box.scrollHeight - box.scrollTop - box.clientHeight <= AT_END_PX;
    // Only hands leave the end: rows that are measured and a composer that grows do not.
    if (end) stuck.current = true;
    else if (Date.now() - moved.current < MOVED_MS) stuck.current = false;
    setAtEnd(end);
    if (end) setSeenId(newest);
  };

  // A conversation is read when its end is on a visible screen (rule 081), and not when a supervisor only watches.
  const watching = usePreferences().watching && me.user.role !== 'user';
  const unread = conversation.unread_count > 0;
  const told = useRef(0);
  const conversationId = conversation.id;
  useEffect(() => {
    const tell = () => {
      if (watching || !atEnd || !unread || newest === 0 || told.current >= newest || document.visibilityState !== 'visible') return;
      told.current = newest;
      markRead(conversationId, newest).then(onSeen, () => {
        told.current = 0; // The next message or visit tells again.
      });
    };
    tell();
    document.addEventListener('visibilitychange', tell);
    return () => document.removeEventListener('visibilitychange', tell);
  }, [watching, atEnd, unread, newest, conversationId, onSeen]);

  const [highlight, setHighlight] = useState(0);
  const [wanted, setWanted] = useState<{ id: number; pages: number } | undefined>(undefined);
  const jump = useCallback((id: number) => setWanted({ id, pages: 0 }), []);
  const [asked, setAsked] = useState<number | undefined>(undefined);
  if (asked !== at && query.isSuccess) {
    setAsked(at);
    if (at !== undefined) jump(at);
  }
  const [shownLit, setShownLit] = useState<number | undefined>(undefined);
  if (shownLit !== lit) {
    setShownLit(lit);
    if (lit !== undefined) jump(lit);
  }
  // A jump to a message that is not loaded loads what lies between, page by page.
  const wantedAt = wanted ? rows.findIndex((row) => row.item.message.id === wanted.id) : -1;
  useEffect(() => {
    if (!wanted) return;
    if (wantedAt >= 0) {
      stuck.current = false;
      virtual.scrollToIndex(wantedAt, { align: 'center' });
      setHighlight(wanted.id);
      setWanted(undefined);
    } else if (!hasNextPage || wanted.pages >= JUMP_PAGES) {
      toast({ words: t(wanted.id === lit ? 'find.gone' : 'timeline.quoteGone'), tone: 'info' });
      setWanted(undefined);
    } else if (!isFetchingNextPage) {
      void fetchNextPage().then(() => setWanted((now) => now && { ...now, pages: now.pages + 1 }));
    }
  }, [wanted, wantedAt, virtual, hasNextPage, isFetchingNextPage, fetchNextPage, t, lit]);
  useEffect(() => {
    if (highlight === 0) return;
    const timer = setTimeout(() => setHighlight(0), MARKED_MS);
    return () => clearTimeout(timer);
  }, [highlight]);

  useImperativeHandle(
    places,
    () => ({
      now: () => {
        const offset = scroller.current?.scrollTop ?? 0;
        const first = virtual.getVirtualItems().find(({ end }) => end > offset);
        return stuck.current || !first ? 'end' : { key: String(first.key), into: offset - first.start };
      },
      back: (place) => {
        stuck.current = place === 'end';
        const index = place === 'end' ? -1 : rows.findIndex(({ key }) => key === place.key);
        if (index < 0) virtual.scrollToEnd();
        else {
          virtual.scrollToIndex(index, { align: 'start' });
          requestAnimationFrame(() => scroller.current?.scrollBy(0, place === 'end' ? 0 : place.into));
        }
      },
    }),
    [virtual, rows],
  );

  const [picture, setPicture] = useState<Picture | undefined>(undefined);
  const pictures = useMemo(() => (picture ? picturesOf(rows, (name) => t('content.imageFrom', { name }), sender) : []), [picture, rows, sender, t]);
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  if (query.isPending) return <LoadingRows rows={7} className="flex-1" />;
  if (query.isError && messages.length === 0) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (rows.length === 0)
    return (
      <div className="min-h-0 flex-1">
        <EmptyState icon={MessageCircle} title={t('timeline.empty')} hint={t('timeline.emptyHint')} />
      </div>
    );

  const below = atEnd ? 0 : messages.filter((message) => message.id > seenId && message.direction === 'in' && seenId > 0).length;
  return (
    <PictureContext value={setPicture}>
      <div className="relative min-h-0 flex-1">
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- it only learns that a hand scrolls */}
        <div
          ref={scroller}
          onScroll={onScroll}
        onWheel={onMove}
        onTouchMove={onMove}
        onPointerDown={onMove}
        onKeyDown={onMove}
          role="log"
          aria-label={t('timeline.label')}
          aria-live="off"
          aria-busy={wanted !== undefined}
          tabIndex={0}
          className="riverbed h-full overflow-y-auto overflow-x-hidden px-3 outline-offset-[-2px] [overflow-anchor:none] sm:px-6"
        >
          <div ref={inner} className="relative mx-auto max-w-3xl" style={{ height: virtual.getTotalSize() }}>
            <div className="absolute inset-x-0 top-0 py-2 text-center text-xs">
              {hasNextPage ? (
                <button
                  type="button"
                  disabled={isFetchingNextPage}
                  onClick={() => void fetchNextPage()}
                  className="min-h-7 rounded-full bg-surface px-4 font-medium text-muted shadow-bubble hover:text-ink"
                >
                  {isFetchingNextPage ? t('app.loading') : t('timeline.older')}
                </button>
              ) : (
                <p className="text-faint">{t('timeline.start')}</p>
              )}
            </div>
            {visible.map(({ index, key, start }) => {
              const row = rows[index];
              if (!row) return null;
              return (
                <div key={key} ref={virtual.measureElement} data-index={index} className="absolute inset-x-0 top-0 flow-root" style={{ transform: `translateY(${start}px)` }}>
                  <Row row={row} byId={byId} sender={sender} highlighted={highlight !== 0 && highlight === row.item.message.id} lit={lit === row.item.message.id} onJump={jump} />
                </div>
              );
            })}
          </div>
        </div>
        {wanted && wanted.pages > 0 && (
          <p role="status" className="absolute inset-x-0 top-2 flex justify-center text-xs font-medium">
            <span className="rounded-full bg-raised px-3 py-1 text-muted shadow-card">{t('timeline.findReaching')}</span>
          </p>
        )}
        {virtual.isScrolling && !atEnd && visible.length > 0 && <DayPill at={(rows.find((_, index) => (virtual.scrollOffset ?? 0) < (visible.find((each) => each.index === index)?.end ?? 0)) ?? rows[top])?.at ?? ''} />}
        {!atEnd && (
          <button
            type="button"
            onClick={() => virtual.scrollToEnd({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' })}
            className="absolute bottom-4 left-1/2 inline-flex min-h-9 -translate-x-1/2 items-center gap-2 rounded-full border border-line bg-raised px-4 text-sm font-medium shadow-card hover:bg-sunken"
          >
            <ArrowDown aria-hidden="true" className="size-4" />
            {below > 0 ? t('timeline.newMessages', { count: below }) : <span className="sr-only">{t('timeline.jumpDown')}</span>}
          </button>
        )}
        <Announcer messages={messages} sender={sender} />
        {picture && (
          <Suspense>
            <Lightbox picture={picture} pictures={pictures} more={hasNextPage} onMore={loadMore} onShow={setPicture} onClose={() => setPicture(undefined)} />
          </Suspense>
        )}
      </div>
    </PictureContext>
  );
}

function Row({
  row,
  byId,
  sender,
  highlighted,
  lit,
  onJump,
}: {
  row: TimelineRow;
  byId: Map<number, Message>;
  sender: string;
  highlighted: boolean;
  lit: boolean;
  onJump: (id: number) => void;
}) {
  const { item, before } = row;
  return (
    <>
      {before.map((each) => (each.type === 'day' ? <DayLine key={each.key} at={each.at} /> : <UnreadLine key={each.key} />))}
      {item.type === 'system' ? (
        <SystemLine message={item.message} />
      ) : (
        <Bubble item={item} quoted={byId.get(item.content.reply_to?.message_id ?? 0)} sender={sender} highlighted={highlighted} lit={lit} onJump={onJump} />
      )}
    </>
  );
}

function UnreadLine() {
  const { t } = useTranslation();
  return (
    <p className="my-3 flex items-center gap-3 text-xs font-medium text-accent-strong">
      <span aria-hidden="true" className="h-px flex-1 bg-accent/40" />
      {t('timeline.unreadDivider')}
      <span aria-hidden="true" className="h-px flex-1 bg-accent/40" />
    </p>
  );
}

function useDay(at: string): string {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  return at === '' ? '' : dates.day(at, now, { today: t('time.today'), yesterday: t('time.yesterday') });
}

function DayLine({ at }: { at: string }) {
  return (
    <h3 className="my-3 flex justify-center text-xs font-medium">
      <span className="rounded-full bg-surface px-3 py-1 text-muted shadow-bubble">{useDay(at)}</span>
    </h3>
  );
}

/** The day of what is at the top, while it moves. */
function DayPill({ at }: { at: string }) {
  return (
    <p aria-hidden="true" className="pointer-events-none absolute inset-x-0 top-2 flex justify-center text-xs font-medium">
      <span className="rounded-full bg-raised px-3 py-1 text-muted shadow-card">{useDay(at)}</span>
    </p>
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
