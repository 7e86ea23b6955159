import { useQueryClient } from '@tanstack/react-query';
import { ExternalLink, Link as LinkIcon, Mail, MailOpen, SquareCheck } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { bringIn } from '@/api/live/apply';
import { markRead, updateConversation } from '@/api/queries/conversations';
import type { Conversation } from '@/api/types';
import { toast } from '@/components/toast';
import { contactLabel } from './conversation-row';

// The list is there before anybody asks for a menu.
const Menu = lazy(async () => ({ default: (await import('@/components/menu')).Menu }));

function isUnread(conversation: Conversation): boolean {
  return conversation.unread_count > 0 || conversation.marked_unread;
}

/** Marks a conversation as read or as unread, on screen at once and then at the server (rule 081). */
function useMarkUnread() {
  const client = useQueryClient();
  const { t } = useTranslation();
  return useCallback(
    async (conversation: Conversation) => {
      const unread = isUnread(conversation);
      const { id, last_message: last } = conversation;
      await bringIn(client, unread ? { ...conversation, unread_count: 0, marked_unread: false } : { ...conversation, marked_unread: true });
      try {
        let after = conversation;
        if (conversation.unread_count > 0 && last) after = await markRead(id, last.id);
        if (!unread || after.marked_unread) after = await updateConversation(id, { marked_unread: !unread });
        await bringIn(client, after);
      } catch {
        await bringIn(client, conversation);
        toast({ words: t('list.markFailed'), tone: 'bad' });
      }
    },
    [client, t],
  );
}

/** The menu of a row: one for all of them, beside the row that was asked. */
export function useRowMenu(rows: readonly Conversation[], select: (id: number, range: boolean) => void): {
  menu: ReactNode;
  openMenu: (id: number, anchor: Element) => void;
  markUnread: (id: number) => void;
} {
  const { t } = useTranslation();
  const mark = useMarkUnread();
  const [of, setOf] = useState<{ id: number; anchor: Element } | undefined>();
  const known = useRef(rows);
  useEffect(() => {
    known.current = rows;
  });
  const [asked, setAsked] = useState(false);
  const openMenu = useCallback((id: number, anchor: Element) => {
    setAsked(true);
    setOf({ id, anchor });
  }, []);
  const markUnread = useCallback(
    (id: number) => {
      const conversation = known.current.find((row) => row.id === id);
      if (conversation) void mark(conversation);
    },
    [mark],
  );
  const conversation = of && rows.find((row) => row.id === of.id);
  const address = conversation ? `/conversas/${conversation.number}` : '';
  const menu = asked && (
    <Suspense>
      <Menu
        label={conversation ? t('list.menuOf', { name: contactLabel(conversation, t('inbox.unknownContact')) }) : t('inbox.list')}
        anchor={of?.anchor ?? null}
        open={conversation !== undefined}
        onOpenChange={(open) => {
          if (!open) setOf(undefined);
        }}
        items={
          conversation
            ? [
                {
                  words: isUnread(conversation) ? t('list.markRead') : t('list.markUnread'),
                  icon: isUnread(conversation) ? MailOpen : Mail,
                  shortcut: ['u'],
                  onSelect: () => void mark(conversation),
                },
                { words: t('list.selectRow'), icon: SquareCheck, shortcut: ['x'], onSelect: () => select(conversation.id, false) },
                { words: t('list.openElsewhere'), icon: ExternalLink, onSelect: () => void window.open(address, '_blank', 'noopener') },
                {
                  words: t('list.copyLink'),
                  icon: LinkIcon,
                  onSelect: () => void navigator.clipboard.writeText(location.origin + address).then(() => toast({ words: t('app.copied') })),
                },
              ]
            : []
        }
      />
    </Suspense>
  );
  return { menu, openMenu, markUnread };
}
