import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, MessagesSquare, PanelRight, PanelRightClose } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { bringIn, setOpenConversation } from '@/api/live/apply';
import { conversationQuery } from '@/api/queries/conversations';
import type { Conversation } from '@/api/types';
import { useCommands } from '@/app/commands';
import { useTitle } from '@/app/page-frame';
import { setPreferences, usePreferences } from '@/app/preferences';
import { useKeys } from '@/app/shortcuts';
import { Avatar } from '@/components/avatar';
import { Badge } from '@/components/badge';
import { IconButton } from '@/components/button';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import { phoneNumber, useNow } from '@/i18n/format';
import { ConversationList } from './conversation-list';
import { contactLabel } from './conversation-row';
import { DetailsPanel } from './details-panel';
import { listSearch, type InboxSearch } from './search';
import { Timeline } from './timeline';
import { WindowLabel } from './window-meter';

// The first paint needs the list and the messages: the composer comes right behind them.
const Composer = lazy(() => import('./composer/composer'));
const Dialog = lazy(async () => ({ default: (await import('@/components/dialog')).Dialog }));

/** List, conversation and details side by side; on a phone one after the other. */
export default function InboxPage({ search, number }: { search: InboxSearch; number: number | undefined }) {
  const { t } = useTranslation();
  return (
    <div className="flex h-full min-h-0">
      <div className={`h-full w-full border-r border-line bg-surface md:block md:w-80 md:shrink-0 lg:w-92 ${number === undefined ? '' : 'hidden'}`}>
        <ConversationList search={search} current={number} />
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
  const now = useNow(30_000);
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
        commands: [{ id: 'details', words: shown ? t('contact.hide') : t('contact.show'), icon: PanelRight, keys: 'i', run: toggle }],
      }),
      [t, shown, toggle],
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
  return (
    <div className="flex h-full min-h-0">
      <section aria-label={t('timeline.title', { name })} className="relative flex h-full min-w-0 flex-1 flex-col">
        <header className="flex min-h-15 items-center gap-2 border-b border-line bg-surface px-2 md:px-4">
          {back}
          <Avatar name={name} seed={conversation.contact.id} className="size-9 text-xs" />
          <div className="min-w-0 flex-1">
            <h2 className="truncate leading-tight font-semibold">{name}</h2>
            <p className="tabular truncate text-xs text-muted">
              {[conversation.contact.phone ? phoneNumber(conversation.contact.phone) : '', conversation.connection.name].filter(Boolean).join(' · ')}
            </p>
          </div>
          <WindowLabel expiresAt={conversation.window_expires_at} now={now} />
          <span className="hidden sm:inline-flex">
            <Badge tone={conversation.in_charge === 'flow' ? 'accent' : conversation.in_charge === 'ticket' ? 'info' : 'neutral'}>
              {conversation.in_charge === 'flow' && conversation.flow_run
                ? conversation.flow_run.flow_name
                : t(`contact.charge.${conversation.in_charge}`)}
            </Badge>
          </span>
          <IconButton label={shown ? t('contact.hide') : t('contact.show')} aria-pressed={shown} onClick={toggle}>
            {shown ? <PanelRightClose aria-hidden="true" className="size-5" /> : <PanelRight aria-hidden="true" className="size-5" />}
          </IconButton>
        </header>
        <Timeline conversation={conversation} at={search.mensagem} onSeen={onSeen} />
        <Suspense fallback={<div className="min-h-25 border-t-2 border-line bg-surface" />}>
          <Composer conversation={conversation} />
        </Suspense>
      </section>
      {shown && (
        <aside aria-label={t('contact.panel')} className="h-full w-80 shrink-0 border-l border-line bg-surface">
          <DetailsPanel conversation={conversation} />
        </aside>
      )}
      {!wide && (
        <Suspense>
          <Dialog open={sheet} onOpenChange={setSheet} title={t('contact.panel')} side="right">
            <DetailsPanel conversation={conversation} />
          </Dialog>
        </Suspense>
      )}
    </div>
  );
}
