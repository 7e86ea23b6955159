import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { Bell } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { clearNotifications, notificationKey, notificationsQuery } from '@/api/queries/notifications';
import type { Notification } from '@/api/types';
import { setOverlay } from '@/app/sheet-state';
import '@/i18n/rest';

const NONE: Notification[] = [];

/** Opens the bell. A dot says that something came since it was opened last (rule 237). */
export default function BellButton({ className, tab = false }: { className: string; tab?: boolean }) {
  const { t } = useTranslation();
  const entries = useQuery(notificationsQuery).data ?? NONE;
  const news = entries.filter((each) => !each.seen).length;
  const words = news > 0 ? t('bell.new', { count: news }) : t('bell.name');
  // Who speaks to a screen says the word that stands on it.
  const said = !tab ? words : news > 0 ? `${t('bell.short')}: ${words}` : t('bell.short');
  return (
    <button
      type="button"
      onClick={() => setOverlay('bell')}
      aria-label={said}
      aria-keyshortcuts="g n"
      title={`${t('bell.name')} (g n)`}
      className={className}
    >
      <span className="relative">
        <Bell aria-hidden="true" className={tab ? 'size-5' : 'size-4.5'} />
        {news > 0 && <span aria-hidden="true" className="absolute -top-1 -right-1 size-2.5 rounded-full border-2 border-surface bg-accent" />}
      </span>
      {tab && <span>{t('bell.short')}</span>}
    </button>
  );
}

/**
 * Keeps out of the bell what came while the conversations were in sight, and takes out what is about the conversation that is
 * open (rule 233). One of it is on a page.
 */
export function BellWatch() {
  const client = useQueryClient();
  const { data } = useQuery(notificationsQuery);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const open = Number(/^\/conversas\/(\d+)/.exec(path)?.[1] ?? 0);
  const known = useRef<ReadonlyMap<number, string>>(undefined);
  useEffect(() => {
    if (!data) return;
    const before = known.current;
    known.current = new Map(data.map((each) => [each.id, each.at]));
    const clear = (what: Parameters<typeof clearNotifications>[0]) => {
      // Another page may have been faster: then there is nothing left to clear.
      void clearNotifications(what)
        .catch(() => undefined)
        .finally(() => void client.invalidateQueries({ queryKey: notificationKey }));
    };
    const inSight = document.visibilityState === 'visible' && path.startsWith('/conversas');
    const here = data.find((each) => each.conversation_number === open);
    if (here && inSight) clear({ conversation_id: here.conversation_id });
    const ids = before && inSight ? data.filter((each) => !each.seen && before.get(each.id) !== each.at && each !== here).map((each) => each.id) : [];
    if (ids.length > 0) clear({ ids });
  }, [data, path, open, client]);
  return null;
}
