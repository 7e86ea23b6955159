import { Timer } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '@/api/types';
import { Button } from '@/components/button';
import { useDates, useNow } from '@/i18n/format';
import { useActs } from './use-acts';

/** Under the header: when the ticket closes by itself, who said so, and how it is taken back (rule 153). */
export default function ClosingBar({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(30_000);
  const acts = useActs(conversation);
  const [asking, setAsking] = useState(false);
  const closing = conversation.ticket?.closing;
  if (!closing) return null;
  const words = t(closing.cancel_on_reply ? 'acts.closing.barUnless' : 'acts.closing.bar', { when: dates.short(closing.due_at, now), who: closing.by.name ?? '' });
  return (
    <div role="status" className="flex flex-wrap items-center gap-x-2 gap-y-1 border-b border-line bg-warn-soft py-1 pr-2 pl-4 text-sm text-warn">
      <p className="flex min-w-0 flex-1 items-center gap-2 max-sm:basis-full">
        <Timer aria-hidden="true" className="size-4 shrink-0" />
        {asking ? t('acts.closing.sure') : words}
      </p>
      {asking ? (
        <>
          <Button
            look="primary"
            className="h-8 px-3"
            onClick={() => {
              setAsking(false);
              void acts.cancelClosing();
            }}
          >
            {t('acts.yes')}
          </Button>
          <Button className="h-8 px-3" onClick={() => setAsking(false)}>
            {t('acts.no')}
          </Button>
        </>
      ) : (
        <Button className="h-8 px-3" onClick={() => setAsking(true)}>
          {t('acts.closing.cancel')}
        </Button>
      )}
    </div>
  );
}
