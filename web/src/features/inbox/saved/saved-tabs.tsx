import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Bookmark } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { savedCountsQuery, savedViewsQuery } from '@/api/queries/views';
import { useCommands } from '@/app/commands';
import '@/i18n/rest';
import type { InboxSearch } from '../search';
import { countWords, TAB, TAB_COUNT } from '../views';

/** The saved views behind the others, in the reader's order, with their counts. */
export default function SavedTabs({ search }: { search: InboxSearch }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const views = useQuery(savedViewsQuery).data;
  const counts = useQuery(savedCountsQuery).data;
  useCommands(
    useMemo(
      () => ({
        heading: t('saved.title'),
        commands: (views ?? []).map(({ id, name }) => ({
            id: `saved-${id}`,
            words: t('list.viewShow', { view: name }),
            icon: Bookmark,
            run: () => void navigate({ to: '.', search: (old) => ({ ...old, visao: undefined, salva: id, mensagem: undefined }), replace: true }),
          })),
      }),
      [t, views, navigate],
    ),
  );
  // The tab on screen is seen, also where there are more of them than room.
  const here = useRef<HTMLAnchorElement>(null);
  const known = views !== undefined;
  useEffect(() => {
    if (known && search.salva !== undefined) here.current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [known, search.salva]);
  return (
    <>
      {(views ?? []).map(({ id, name }) => {
        const count = counts?.find((each) => each.id === id);
        return (
          <Link
            key={id}
            {...(search.salva === id && { ref: here })}
            to="."
            search={{ ...search, visao: undefined, salva: id, mensagem: undefined }}
            replace
            activeProps={{ 'aria-current': undefined }}
            {...(search.salva === id && { 'aria-current': 'page' as const })}
            title={count ? t('saved.holds', { view: name, count: count.total, unread: count.unread }) : name}
            className={TAB}
          >
            <Bookmark aria-hidden="true" className="size-3.5 shrink-0" />
            <span className="max-w-40 truncate">{name}</span>
            {count && count.total > 0 && <span className={`${TAB_COUNT} ${count.unread > 0 ? 'bg-accent-soft text-accent-strong' : 'bg-sunken text-muted'}`}>{countWords(count.total)}</span>}
          </Link>
        );
      })}
    </>
  );
}
