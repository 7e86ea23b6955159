import '@/i18n/rest';
import { useInfiniteQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronUp, List, Search, X } from 'lucide-react';
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { messageSearchQuery } from '@/api/queries/messages';
import { flatten } from '@/api/queries/pages';
import { useMe } from '@/api/queries/sign-in';
import type { Conversation, Message } from '@/api/types';
import { useEscape } from '@/app/shortcuts';
import { IconButton } from '@/components/button';
import { plainText } from '@/components/whatsapp-text';
import { useDates, useNow } from '@/i18n/format';
import { contactLabel } from '../conversation-row';
import { excerptOf } from './excerpt';
import { markIn } from './mark';

/** How long typing rests before it is searched. */
const REST_MS = 250;
/** So many results before the last one, more are fetched. */
const NEAR_END = 5;

/** The message on which a hit is drawn: an edit shows on what it changed. */
function drawnOn({ id, content }: Message): number {
  return content.edit?.target.message_id ?? id;
}

function wordsOf({ content }: Message): string {
  const said = content.edit?.content ?? content;
  return plainText(said.text || said.media?.caption || '');
}

/**
 * Finds words in a conversation (rule 086). Arrows and Enter walk through the hits, the newest first; the conversation behind
 * shows the one that is lit. Escape goes back to where the reader was, the cross stays.
 */
export default function FindBar({
  conversation,
  asked,
  lit,
  onLit,
  onClose,
}: {
  conversation: Conversation;
  /** Changes when the search is asked for again while it is open. */
  asked: number;
  lit: number | undefined;
  onLit: (id: number | undefined) => void;
  onClose: (back: boolean) => void;
}) {
  const { t } = useTranslation();
  const list = useId();
  const field = useRef<HTMLInputElement>(null);
  const results = useRef<HTMLOListElement>(null);
  const [text, setText] = useState('');
  const [sought, setSought] = useState('');
  const [listed, setListed] = useState(true);
  const query = useInfiniteQuery(messageSearchQuery(conversation.id, sought));
  const hits = useMemo(() => (sought === '' ? [] : flatten(query.data)), [query.data, sought]);
  const at = hits.findIndex((hit) => drawnOn(hit) === lit);
  const current = hits[at];

  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, [asked]);
  useEffect(() => {
    const timer = setTimeout(() => setSought(text.trim()), REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const lights = useRef(onLit);
  useEffect(() => {
    lights.current = onLit;
  });
  useEffect(() => lights.current(undefined), [sought]);
  useEffect(() => {
    const log = document.querySelector('[role="log"]');
    return log ? markIn(log, sought) : undefined;
  }, [sought]);
  useEffect(() => {
    results.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [lit]);
  useEscape(true, () => onClose(true));

  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const more = () => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  };
  const show = (place: number) => {
    const hit = hits[place];
    if (!hit) return;
    onLit(drawnOn(hit));
    if (place >= hits.length - NEAR_END) more();
  };
  const walk = (step: 1 | -1) => show(at < 0 ? 0 : Math.min(hits.length - 1, Math.max(0, at + step)));

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    // The second Mod+F is the browser's own search.
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'f') event.stopPropagation();
    else if (event.key === 'Escape') onClose(true);
    else if (event.key === 'ArrowDown' || (event.key === 'Enter' && !event.shiftKey)) walk(1);
    else if (event.key === 'ArrowUp' || event.key === 'Enter') walk(-1);
    else return;
    if (event.key !== 'f' && event.key !== 'F') event.preventDefault();
  };

  const count = hits.length;
  const status = () => {
    if (sought === '' || query.isPending) return '';
    if (at < 0) return hasNextPage ? t('find.hitsMore', { count }) : t('find.hits', { count });
    return t(hasNextPage ? 'find.ofMore' : 'find.of', { at: at + 1, count });
  };
  return (
    <div role="search" aria-label={t('timeline.find')} className="border-b border-line bg-surface px-2 py-2 md:px-4">
      <div className="flex items-center gap-1">
        <div className="relative min-w-0 flex-1">
          <Search aria-hidden="true" className="absolute top-1/2 left-3 size-4 -translate-y-1/2 text-faint" />
          <input
            ref={field}
            type="search"
            value={text}
            maxLength={100}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={onKeyDown}
            aria-label={t('find.label')}
            aria-describedby={`${list}-keys`}
            aria-controls={list}
            placeholder={t('find.placeholder')}
            className="h-9 w-full rounded-lg border border-line bg-raised pr-3 pl-9 text-sm outline-none placeholder:text-faint focus-visible:border-accent focus-visible:ring-2 focus-visible:ring-accent/30 [&::-webkit-search-cancel-button]:hidden"
          />
        </div>
        <p role="status" className="tabular shrink-0 px-1 text-xs text-muted">
          {status()}
          {current && <span className="sr-only">: {wordsOf(current)}</span>}
        </p>
        <IconButton label={t('find.newer')} disabled={at <= 0} onClick={() => walk(-1)}>
          <ChevronUp aria-hidden="true" className="size-5" />
        </IconButton>
        <IconButton label={t('find.older')} disabled={count === 0 || (at === count - 1 && !hasNextPage)} onClick={() => walk(1)}>
          <ChevronDown aria-hidden="true" className="size-5" />
        </IconButton>
        <IconButton label={t(listed ? 'find.hideResults' : 'find.showResults')} aria-expanded={listed} aria-controls={list} onClick={() => setListed(!listed)} className={listed ? 'text-accent' : ''}>
          <List aria-hidden="true" className="size-4.5" />
        </IconButton>
        <IconButton label={t('find.stay')} onClick={() => onClose(false)}>
          <X aria-hidden="true" className="size-5" />
        </IconButton>
      </div>
      <p id={`${list}-keys`} className="sr-only">
        {t('find.keys')}
      </p>
      <div id={list} hidden={!listed}>
        {query.isError && (
          <p role="alert" className="flex items-center justify-between gap-2 px-1 pt-2 text-sm text-bad">
            {t('find.failed')}
            <button type="button" className="min-h-6 font-medium underline underline-offset-2" onClick={() => void query.refetch()}>
              {t('app.retry')}
            </button>
          </p>
        )}
        {sought !== '' && query.isSuccess && count === 0 && (
          <p className="px-1 pt-2 text-sm">
            <span className="font-medium">{t('find.none')}</span> <span className="text-muted">{t('find.noneHint')}</span>
          </p>
        )}
        {count > 0 && (
          <ol
            ref={results}
            aria-label={t('find.results')}
            onScroll={({ currentTarget: box }) => {
              if (box.scrollTop + box.clientHeight > box.scrollHeight - 120) more();
            }}
            className="mt-2 max-h-[min(14rem,32dvh)] overflow-y-auto rounded-lg border border-line"
          >
            {hits.map((hit, place) => (
              <Result
                key={hit.id}
                hit={hit}
                sought={sought}
                sender={contactLabel(conversation, t('inbox.unknownContact'))}
                current={place === at}
                tabbable={place === Math.max(at, 0)}
                onShow={() => {
                  show(place);
                  // On a phone the list gives its room to what was chosen.
                  if (matchMedia('(max-width: 48rem)').matches) setListed(false);
                }}
              />
            ))}
          </ol>
        )}
      </div>
    </div>
  );
}

function Result({ hit, sought, sender, current, tabbable, onShow }: { hit: Message; sought: string; sender: string; current: boolean; tabbable: boolean; onShow: () => void }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const { user } = useMe();
  const { before, hit: words, after } = excerptOf(wordsOf(hit), sought);
  const who = hit.direction === 'in' ? sender : hit.author ? (hit.author.id === user.id ? t('inbox.you') : hit.author.name) : t(`timeline.origin.${hit.origin}`);
  return (
    <li className="border-b border-line/60 last:border-0">
      <button
        type="button"
        tabIndex={tabbable ? 0 : -1}
        aria-current={current || undefined}
        onClick={onShow}
        className={`block w-full px-3 py-1.5 text-left text-sm ${current ? 'bg-accent-soft' : 'hover:bg-sunken'}`}
      >
        <span className="flex items-baseline justify-between gap-2 text-xs text-muted">
          <span className="truncate font-medium">{who}</span>
          <time dateTime={hit.created_at} title={dates.full(hit.created_at)} className="tabular shrink-0">
            {dates.short(hit.created_at, now)}
          </time>
        </span>
        <span className="block truncate" dir="auto">
          {before}
          {words !== '' && <mark className="rounded-xs bg-warn-soft px-0.5 font-semibold text-ink">{words}</mark>}
          {after}
        </span>
      </button>
    </li>
  );
}
