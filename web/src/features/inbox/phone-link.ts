import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import { newestConversationOf, searchContacts } from '@/api/queries/start';
import { setOverlay } from '@/app/sheet-state';
import { phoneDigits, phoneWritings } from '@/i18n/documents';

/** Says why a link could not be followed. */
async function refuse(words: string): Promise<void> {
  const { toast } = await import('@/components/toast');
  toast({ words, tone: 'bad' });
}

/**
 * Follows a link with a phone (rules 243, Z19): the conversation of whoever has the number, in either writing of a Brazilian
 * mobile, or a new ticket with the number filled in.
 */
export function usePhoneLink(phone: string | number | undefined): void {
  const { t } = useTranslation();
  const navigate = useNavigate();
  useEffect(() => {
    if (phone === undefined) return;
    const left = { to: '/conversas', search: {}, replace: true } as const;
    const digits = phoneDigits(String(phone));
    if (digits === undefined) {
      void refuse(t('start.badPhone'));
      void navigate(left);
      return;
    }
    const abort = new AbortController();
    const follow = async () => {
      const writings = phoneWritings(digits);
      for (const each of writings) {
        const found = (await searchContacts(each, abort.signal)).find((contact) => writings.includes(contact.phone?.replace(/\D/g, '') ?? ''));
        const conversation = found && (await newestConversationOf(found.id));
        if (abort.signal.aborted) return;
        if (conversation) {
          await navigate({ to: '/conversas/$number', params: { number: String(conversation.number) }, search: {}, replace: true });
          return;
        }
      }
      await navigate(left);
      setOverlay('start', digits.startsWith('55') ? digits : `+${digits}`);
    };
    follow().catch((error: unknown) => {
      if (abort.signal.aborted) return;
      void refuse(error instanceof ApiError ? error.sayWith(t) : t('error.unknown'));
    });
    return () => abort.abort();
  }, [phone, navigate, t]);
}
