import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { BellOff, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TFunction } from 'i18next';
import { clearNotifications, notificationKey, notificationsQuery, seeNotifications } from '@/api/queries/notifications';
import type { Notification } from '@/api/types';
import { Avatar } from '@/components/avatar';
import { Button, IconButton } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import { phoneNumber, useDates, useNow } from '@/i18n/format';
import '@/i18n/rest';

/** What happened, in a sentence. */
function sentence({ kind, count, by, queue }: Notification, t: TFunction): string {
  switch (kind) {
    case 'message':
      return t('bell.message', { count });
    case 'queued':
      return queue ? t('bell.queued', { queue: queue.name }) : t('bell.queuedNowhere');
    case 'assigned':
    case 'mention':
      return t(`bell.${kind}`, { by: by.name ?? t(`bell.by.${by.kind}`) });
  }
}

/** The bell's list: an entry opens its conversation and goes, and each can be taken out (rule 237). */
export default function BellSheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const client = useQueryClient();
  const query = useQuery(notificationsQuery);
  const entries = query.data;
  // What was new when the sheet was opened stays marked until it is closed.
  const [fresh, setFresh] = useState<ReadonlySet<number>>(new Set());
  const told = useRef(new Set<string>());
  useEffect(() => {
    const unseen = (entries ?? []).filter((each) => !each.seen && !told.current.has(`${each.id} ${each.at}`));
    if (unseen.length === 0) return;
    for (const each of unseen) told.current.add(`${each.id} ${each.at}`);
    setFresh((before) => new Set([...before, ...unseen.map(({ id }) => id)]));
    void seeNotifications(unseen.map(({ id }) => id))
      .catch(() => undefined)
      .finally(() => void client.invalidateQueries({ queryKey: notificationKey }));
  }, [entries, client]);
  const clear = useMutation({
    mutationFn: (ids: number[]) => clearNotifications({ ids }),
    onMutate: (ids) => client.setQueryData(notificationKey, (old: Notification[] | undefined) => old?.filter(({ id }) => !ids.includes(id))),
    onSettled: () => client.invalidateQueries({ queryKey: notificationKey }),
  });

  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t('bell.name')} lead={t('bell.lead')} side="right">
      {query.isPending && <LoadingRows rows={4} />}
      {query.isError && !entries && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {entries?.length === 0 && <EmptyState icon={BellOff} title={t('bell.empty')} hint={t('bell.emptyHint')} />}
      {entries && entries.length > 0 && (
        <>
          <div className="flex justify-end px-5 pb-2">
            <Button onClick={() => clear.mutate(entries.map(({ id }) => id))}>{t('bell.clear')}</Button>
          </div>
          <ul className="divide-y divide-line border-t border-line">
            {entries.map((each) => {
              const name = each.contact.name || phoneNumber(each.contact.phone ?? '') || t('inbox.unknownContact');
              return (
                <li key={each.id} className={`relative flex items-start gap-3 px-5 py-3 hover:bg-sunken ${fresh.has(each.id) ? 'bg-accent-soft' : ''}`}>
                  <Avatar name={name} seed={each.contact.id} className="size-9 text-sm" />
                  <div className="min-w-0 flex-1">
                    <div className="flex items-baseline gap-2">
                      <Link
                        to="/conversas/$number"
                        params={{ number: String(each.conversation_number) }}
                        onClick={() => {
                          clear.mutate([each.id]);
                          onClose();
                        }}
                        className="min-w-0 flex-1 truncate font-medium after:absolute after:inset-0"
                      >
                        {name}
                      </Link>
                      <time dateTime={each.at} className="tabular shrink-0 text-xs text-muted">
                        {dates.short(each.at, now)}
                      </time>
                    </div>
                    <p className="text-sm">
                      {fresh.has(each.id) && <span className="sr-only">{t('bell.unseen')}: </span>}
                      {sentence(each, t)}
                    </p>
                    {each.preview !== undefined && each.preview !== '' && <p className="truncate text-sm text-muted">{each.preview}</p>}
                  </div>
                  <IconButton label={t('bell.remove', { name })} onClick={() => clear.mutate([each.id])} className="relative -mr-2">
                    <X aria-hidden="true" className="size-4" />
                  </IconButton>
                </li>
              );
            })}
          </ul>
        </>
      )}
    </Dialog>
  );
}
