import { useNavigate } from '@tanstack/react-router';
import { CircleCheckBig, Clock, Inbox, MessagesSquare, Search, UserRound, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { View, ViewCounts } from '@/api/types';
import { Button } from '@/components/button';
import { EmptyState } from '@/components/view-state';
import { isFiltered, unfiltered, VIEWS, type InboxSearch } from './search';

const ICONS: Record<View, LucideIcon> = { all: MessagesSquare, open: Inbox, mine: CircleCheckBig, attended: UserRound, snoozed: Clock };
/** Where to look next when a view has nothing: the nearest one that may have something. */
const NEXT: Record<View, View | undefined> = { all: undefined, mine: 'open', open: 'all', attended: 'open', snoozed: 'mine' };

/** A view without rows: what it is for, and where to go from here. */
export function ListEmpty({ search, view, counts }: { search: InboxSearch; view: View; counts: ViewCounts | undefined }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const go = (next: InboxSearch) => void navigate({ to: '.', search: next, replace: true });
  if (isFiltered(search)) {
    return (
      <EmptyState icon={Search} title={t('list.emptyFiltered')} hint={t('list.emptyFilteredHint')}>
        <Button onClick={() => go(unfiltered(search))}>{t('app.clear')}</Button>
      </EmptyState>
    );
  }
  const next = VIEWS.find((each) => each.view === NEXT[view]);
  const there = next ? (counts?.[next.view].total ?? 0) : 0;
  return (
    <EmptyState icon={ICONS[view]} title={t(`list.empty.${view}`)} hint={t(`list.emptyHint.${view}`)}>
      {next && there > 0 && (
        <Button onClick={() => go({ ...search, visao: next.visao })}>{t('list.seeView', { view: t(`list.view.${next.view}`), count: there })}</Button>
      )}
    </EmptyState>
  );
}
