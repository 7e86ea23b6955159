import { useQueryClient } from '@tanstack/react-query';
import { Reply, SmilePlus } from 'lucide-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message } from '@/api/types';
import { IconButton } from '@/components/button';
import { composing } from './composer/compose';
import { focusComposer } from './composer/focus';
import { outboxOf } from './composer/outbox';

const Reactions = lazy(() => import('./reactions'));

/** What can be done with a message, shown while it is pointed at or has the focus: answer it, react to it (rule 111). */
export function MessageTools({ message, own }: { message: Message; own: string | undefined }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const react = (emoji: string) =>
    outboxOf(client).send(message.conversation_id, {
      kind: 'reply',
      // The same one again takes it back.
      content: { kind: 'reaction', reaction: { target: { message_id: message.id }, emoji: emoji === own ? '' : emoji } },
    });
  return (
    <div className="flex shrink-0 self-center opacity-0 transition-opacity group-focus-within/message:opacity-100 group-hover/message:opacity-100 has-aria-expanded:opacity-100 pointer-coarse:opacity-60">
      <IconButton ref={button} label={t('timeline.react')} aria-haspopup="dialog" aria-expanded={open} className="size-8" onClick={() => setOpen(!open)}>
        <SmilePlus aria-hidden="true" className="size-4" />
      </IconButton>
      {open && (
        <Suspense>
          <Reactions own={own} anchor={button} onReact={react} onClose={() => setOpen(false)} />
        </Suspense>
      )}
      <IconButton
        label={t('timeline.reply')}
        className="size-8"
        onClick={() => {
          const { conversation_id: id } = message;
          composing.change(id, { mode: 'reply', reply: { ...composing.of(id).reply, replyTo: message } });
          focusComposer(id);
        }}
      >
        <Reply aria-hidden="true" className="size-4" />
      </IconButton>
    </div>
  );
}
