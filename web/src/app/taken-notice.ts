import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { onChanged } from '@/api/live/apply';
import { useMe } from '@/api/queries/sign-in';
import { toast } from '@/components/toast';

/** Tells an agent that another person took over a ticket of theirs. Whoever gave it away knows it already. */
export default function TakenNotice() {
  const { t } = useTranslation();
  const { user } = useMe();
  const navigate = useNavigate();
  useEffect(
    () =>
      onChanged(({ conversation, before }) => {
        const { ticket, contact, number } = conversation;
        if (before?.ticket?.agent?.id !== user.id || ticket?.id !== before.ticket.id || !ticket.agent || ticket.agent.id === user.id) return;
        toast({
          words: t('together.taken', { agent: ticket.agent.name, name: contact.name || contact.phone || t('inbox.unknownContact') }),
          tone: 'info',
          action: { words: t('together.see'), run: () => void navigate({ to: '/conversas/$number', params: { number: String(number) } }) },
        });
      }),
    [t, user.id, navigate],
  );
  return null;
}
