import { useQuery } from '@tanstack/react-query';
import { CalendarClock } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { scheduledOfQuery } from '@/api/queries/scheduled';
import type { Conversation } from '@/api/types';
import { Button } from '@/components/button';
import { ScheduledRow } from '@/components/scheduled/scheduled-row';
import { useDates, useNow } from '@/i18n/format';

/** Under the header: what is scheduled in the conversation. What is held because the contact wrote first shows itself. */
export default function ScheduledBar({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(30_000);
  const id = useId();
  const [open, setOpen] = useState(false);
  const query = useQuery(scheduledOfQuery({ conversation_id: conversation.id }));
  const items = (query.data ?? []).filter(({ kind }) => kind !== 'closing');
  const [next] = items;
  if (!next) return null;
  const held = items.filter(({ state }) => state === 'held');
  const shown = open ? items : held;
  return (
    <section aria-label={t('scheduled.section')} className={`border-b border-line text-sm ${held.length > 0 ? 'bg-warn-soft' : 'bg-info-soft'}`}>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1 py-1 pr-2 pl-4">
        <p role="status" className={`flex min-w-0 flex-1 items-center gap-2 max-sm:basis-full ${held.length > 0 ? 'text-warn' : 'text-info'}`}>
          <CalendarClock aria-hidden="true" className="size-4 shrink-0" />
          {t('scheduled.bar', { count: items.length, kind: t(`scheduled.kinds.${next.kind}`).toLowerCase(), when: dates.short(next.due_at, now) })}
        </p>
        <Button className="h-8 px-3" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          {open ? t('scheduled.hide') : t('scheduled.show')}
        </Button>
      </div>
      <ul id={id} className="max-h-72 divide-y divide-line overflow-y-auto bg-surface empty:hidden">
        {shown.map((item) => (
          <ScheduledRow key={item.id} item={item} now={now} />
        ))}
      </ul>
    </section>
  );
}
