import { Popover } from '@base-ui/react/popover';
import { useQueryClient } from '@tanstack/react-query';
import { Reply, SmilePlus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Message } from '@/api/types';
import { IconButton } from '@/components/button';
import { composing } from './composer/compose';
import { focusComposer } from './composer/focus';
import { outboxOf } from './composer/outbox';

/** The reactions people use most; more of them come with the picker. */
const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

/** What can be done with a message, shown while it is pointed at or has the focus: answer it, react to it (rule 111). */
export function MessageTools({ message, own }: { message: Message; own: string | undefined }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const react = (emoji: string) =>
    outboxOf(client).send(message.conversation_id, {
      kind: 'reply',
      // The same one again takes it back.
      content: { kind: 'reaction', reaction: { target: { message_id: message.id }, emoji: emoji === own ? '' : emoji } },
    });
  return (
    <div className="flex shrink-0 self-center opacity-0 transition-opacity group-focus-within/message:opacity-100 group-hover/message:opacity-100 has-data-popup-open:opacity-100 pointer-coarse:opacity-60">
      <Popover.Root>
        <Popover.Trigger
          render={
            <IconButton label={t('timeline.react')} className="size-8">
              <SmilePlus aria-hidden="true" className="size-4" />
            </IconButton>
          }
        />
        <Popover.Portal>
          <Popover.Positioner sideOffset={4} side="top" className="z-30">
            <Popover.Popup aria-label={t('timeline.react')} className="flex gap-0.5 rounded-full border border-line bg-raised p-1 shadow-card outline-none">
              {QUICK.map((emoji) => (
                <Popover.Close
                  key={emoji}
                  aria-label={t(emoji === own ? 'timeline.reactBack' : 'timeline.reactWith', { emoji })}
                  aria-pressed={emoji === own}
                  onClick={() => react(emoji)}
                  className="size-9 rounded-full text-xl hover:bg-sunken aria-pressed:bg-accent-soft"
                >
                  {emoji}
                </Popover.Close>
              ))}
            </Popover.Popup>
          </Popover.Positioner>
        </Popover.Portal>
      </Popover.Root>
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
