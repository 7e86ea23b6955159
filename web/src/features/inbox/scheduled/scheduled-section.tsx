import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { ApiError } from '@/api/problem';
import { scheduledCalls, scheduledKeys, scheduledOfQuery } from '@/api/queries/scheduled';
import { useMe } from '@/api/queries/sign-in';
import type { Conversation } from '@/api/types';
import { Button } from '@/components/button';
import { Confirm } from '@/components/dialog';
import { ScheduledRow } from '@/components/scheduled/scheduled-row';
import { toast } from '@/components/toast';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { phoneNumber, useNow } from '@/i18n/format';

const ScheduleDialog = lazy(() => import('@/components/scheduled/schedule-dialog'));

/** Everything that is scheduled for a contact: messages, templates, flows and closings, each of which can be deleted (rules 168, 169, 256). */
export function ScheduledSection({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const now = useNow(60_000);
  const { permissions } = useMe();
  const query = useQuery(scheduledOfQuery({ contact_id: conversation.contact.id }));
  const [asking, setAsking] = useState<'flow' | 'all'>();
  const [pending, setPending] = useState(false);
  if (query.isPending) return <LoadingRows rows={2} className="p-0" />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const many = query.data.filter(({ kind }) => kind !== 'closing').length;
  const may = permissions.includes('messages:send');
  const removeAll = () => {
    setPending(true);
    void scheduledCalls
      .cancelAll(conversation.contact.id)
      .then((count) => toast({ words: t('scheduled.removedAll', { count }) }))
      .catch((why: unknown) => toast({ words: why instanceof ApiError ? why.sayWith(t) : t('error.unknown'), tone: 'bad' }))
      .finally(() => {
        setPending(false);
        setAsking(undefined);
        void client.invalidateQueries({ queryKey: scheduledKeys.all });
      });
  };
  return (
    <>
      {query.data.length === 0 ? (
        <p className="text-sm text-muted">{t('scheduled.none')}</p>
      ) : (
        <ul className="-mx-4 divide-y divide-line">
          {query.data.map((item) => (
            <ScheduledRow key={`${item.kind}:${item.id}`} item={item} now={now} />
          ))}
        </ul>
      )}
      <p className="mt-2 flex flex-wrap gap-2">
        {may && permissions.includes('flows:read') && (
          <Button className="min-h-8" onClick={() => setAsking('flow')}>
            {t('scheduled.newFlow')}
          </Button>
        )}
        {may && many > 1 && (
          <Button className="min-h-8" onClick={() => setAsking('all')}>
            {t('scheduled.removeAll')}
          </Button>
        )}
      </p>
      {asking === 'flow' && (
        <Suspense fallback={null}>
          <ScheduleDialog whose={{ conversation_id: conversation.id }} onClose={() => setAsking(undefined)} />
        </Suspense>
      )}
      <Confirm
        open={asking === 'all'}
        onOpenChange={() => setAsking(undefined)}
        title={t('scheduled.sureAll', { name: conversation.contact.name || phoneNumber(conversation.contact.phone ?? '') })}
        lead={t('scheduled.sureAllHint')}
        yes={t('scheduled.removeAll')}
        tone="danger"
        pending={pending}
        onYes={removeAll}
      />
    </>
  );
}
