import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, MessageSquarePlus, MessagesSquare, PanelRight, PanelRightClose, Search } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { bringIn, setOpenConversation } from '@/api/live/apply';
import { conversationQuery } from '@/api/queries/conversations';
import { useMe } from '@/api/queries/sign-in';
import type { Conversation } from '@/api/types';
import { useCommands } from '@/app/commands';
import { useTitle } from '@/app/page-frame';
import { setPreferences, usePreferences } from '@/app/preferences';
import { setOverlay } from '@/app/sheet-state';
import { ariaKeys, printed, useKeys } from '@/app/shortcuts';
import { IconButton } from '@/components/button';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import type { Asking } from './actions/dialogs';
import { ActNotice } from './actions/act-notice';
import { useAfterSend } from './composer/after-send';
import { ConversationHeader } from './conversation-header';
import { ConversationList } from './conversation-list';
import { contactLabel } from './conversation-row';
import { usePhoneLink } from './phone-link';
import { listSearch, type InboxSearch } from './search';
import { Timeline, type Place, type TimelinePlaces } from './timeline';

const DetailsPanel = lazy(() => import('./details-panel'));

// The first paint needs the list and the messages: the composer comes right behind them.
const Composer = lazy(() => import('./composer/composer'));
const FindBar = lazy(() => import('./find/find-bar'));
const Disconnected = lazy(() => import('./disconnected'));
const ScheduledBar = lazy(() => import('./scheduled/scheduled-bar'));
const ClosingBar = lazy(() => import('./actions/closing-bar'));
const Dialog = lazy(async () => ({ default: (await import('@/components/dialog')).Dialog }));

const FIND_KEYS = '$mod+f';

/** List, conversation and details side by side; on a phone one after the other. */
export default function InboxPage({ search, number }: { search: InboxSearch; number: number | undefined }) {
  const { t } = useTranslation();
  const mayStart = useMe().permissions.includes('messages:send');
  usePhoneLink(search.telefone);
  return (
    <div className="flex h-full min-h-0">
      <div className={`h-full w-full border-r border-line bg-surface md:block md:w-80 md:shrink-0 lg:w-92 ${number === undefined ? '' : 'hidden'}`}>
        <ConversationList search={search} current={number} />
        {mayStart && (
          <button
            type="button"
            onClick={() => setOverlay('start')}
            aria-label={t('start.command')}
            title={t('start.command')}
            className="fixed right-4 bottom-[calc(4.5rem+env(safe-area-inset-bottom))] z-20 inline-flex size-14 items-center justify-center rounded-2xl bg-accent text-on-accent shadow-card hover:bg-accent-strong md:hidden"
          >
            <MessageSquarePlus aria-hidden="true" className="size-6" />
          </button>
        )}
      </div>
      <div className={`h-full min-w-0 flex-1 ${number === undefined ? 'hidden md:block' : ''}`}>
        {number === undefined ? (
          <div className="riverbed h-full">
            <EmptyState icon={MessagesSquare} title={t('inbox.pick')} hint={t('inbox.pickHint')} />
          </div>
        ) : (
          <OpenConversation key={number} number={number} search={search} />
        )}
      </div>
    </div>
  );
}

function useWide(query: string): boolean {
  const [wide, setWide] = useState(() => typeof matchMedia === 'function' && matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const change = () => setWide(media.matches);
    media.addEventListener('change', change);
    return () => media.removeEventListener('change', change);
  }, [query]);
  return wide;
}

function OpenConversation({ number, search }: { number: number; search: InboxSearch }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const query = useQuery(conversationQuery(client, number));
  const conversation = query.data;
  const { details } = usePreferences();
  const wide = useWide('(min-width: 80rem)');
  const [sheet, setSheet] = useState(false);
  const [asking, setAsking] = useState<Asking>();
  useAfterSend('close', useCallback(() => setAsking({ act: 'close' }), []));
  useAfterSend('snooze', useCallback(() => setAsking({ act: 'snooze' }), []));
  const [finding, setFinding] = useState(0);
  const [lit, setLit] = useState<number>();
  const places = useRef<TimelinePlaces>(null);
  const before = useRef<{ place: Place; focus: Element | null }>(undefined);
  const find = useCallback(() => {
    before.current ??= { place: places.current?.now() ?? 'end', focus: document.activeElement };
    setFinding((asked) => asked + 1);
  }, []);
  const endFind = useCallback((back: boolean) => {
    const was = before.current;
    before.current = undefined;
    setFinding(0);
    setLit(undefined);
    if (back && was) places.current?.back(was.place);
    if (was?.focus instanceof HTMLElement && was.focus !== document.body) was.focus.focus();
    else document.querySelector<HTMLElement>('[role="log"]')?.focus({ preventScroll: true });
  }, []);
  useTitle(conversation ? contactLabel(conversation, t('inbox.unknownContact')) : t('inbox.title'));

  const id = conversation?.id;
  useEffect(() => {
    setOpenConversation(id);
    return () => setOpenConversation(undefined);
  }, [id]);

  const onSeen = useCallback((seen: Conversation) => void bringIn(client, seen), [client]);
  const toggle = useCallback(() => {
    if (wide) setPreferences({ details: !details });
    else setSheet((open) => !open);
  }, [wide, details]);
  const shown = wide && details;
  useKeys(useMemo(() => ({ Escape: () => void navigate({ to: '/conversas', search: listSearch(search) }) }), [navigate, search]));
  useCommands(
    useMemo(
      () => ({
        heading: t('commands.screen'),
        commands: [{ id: 'details', words: shown ? t('contact.hide') : t('contact.show'), icon: PanelRight, keys: 'i', run: toggle }, { id: 'find', words: t('timeline.find'), icon: Search, keys: FIND_KEYS, also: t('timeline.findAlso'), run: find }],
      }),
      [t, shown, toggle, find],
    ),
  );

  const back = (
    <Link
      to="/conversas"
      search={listSearch(search)}
      aria-label={t('app.back')}
      className="inline-flex size-9 shrink-0 items-center justify-center rounded-lg text-muted hover:bg-sunken hover:text-ink md:hidden"
    >
      <ArrowLeft aria-hidden="true" className="size-5" />
    </Link>
  );
  if (!conversation) {
    return (
      <div className="flex h-full flex-col">
        <div className="p-2 md:hidden">{back}</div>
        {query.isError ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <LoadingRows rows={7} />}
      </div>
    );
  }
  const name = contactLabel(conversation, t('inbox.unknownContact'));
  const findItem = { words: t('timeline.find'), icon: Search, shortcut: printed(FIND_KEYS), onSelect: find };
  return (
    <div className="flex h-full min-h-0">
      <section aria-label={t('timeline.title', { name })} className="relative flex h-full min-w-0 flex-1 flex-col">
        <ConversationHeader
          conversation={conversation}
          back={back}
          asking={asking}
          onAsk={setAsking}
          more={[findItem]}
          toggle={
            <>
              <IconButton label={t('timeline.find')} aria-pressed={finding > 0} aria-keyshortcuts={ariaKeys(FIND_KEYS)} onClick={() => (finding > 0 ? endFind(true) : find())} className="max-sm:hidden">
                <Search aria-hidden="true" className="size-5" />
              </IconButton>
            <IconButton label={shown ? t('contact.hide') : t('contact.show')} aria-pressed={shown} aria-keyshortcuts="i" onClick={toggle}>
              {shown ? <PanelRightClose aria-hidden="true" className="size-5" /> : <PanelRight aria-hidden="true" className="size-5" />}
            </IconButton>
            </>
          }
        />
        {finding > 0 && (
          <Suspense fallback={<div className="h-13 border-b border-line bg-surface" />}>
            <FindBar conversation={conversation} asked={finding} lit={lit} onLit={setLit} onClose={endFind} />
          </Suspense>
        )}
        <ActNotice conversation={conversation} />
        {conversation.connection.state !== 'active' && (
          <Suspense fallback={null}>
            <Disconnected connection={conversation.connection} />
          </Suspense>
        )}
        {conversation.ticket?.closing && (
          <Suspense fallback={null}>
            <ClosingBar conversation={conversation} />
          </Suspense>
        )}
        {(conversation.scheduled ?? 0) > 0 && (
          <Suspense fallback={null}>
            <ScheduledBar conversation={conversation} />
          </Suspense>
        )}
        <Timeline conversation={conversation} at={search.mensagem} lit={lit} places={places} onSeen={onSeen} />
        <Suspense fallback={<div className="min-h-25 border-t-2 border-line bg-surface" />}>
          <Composer conversation={conversation} />
        </Suspense>
      </section>
      {shown && (
        <aside aria-label={t('contact.panel')} className="h-full w-80 shrink-0 border-l border-line bg-surface">
          <Suspense fallback={<LoadingRows rows={5} />}>
            <DetailsPanel conversation={conversation} />
          </Suspense>
        </aside>
      )}
      {!wide && (
        <Suspense>
          <Dialog open={sheet} onOpenChange={setSheet} title={t('contact.panel')} side="right">
            <Suspense fallback={<LoadingRows rows={5} />}>
              <DetailsPanel conversation={conversation} />
            </Suspense>
          </Dialog>
        </Suspense>
      )}
    </div>
  );
}
