import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { MessageSquareWarning } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { messageKeys } from '@/api/queries/messages';
import { flatten, type Pages } from '@/api/queries/pages';
import type { Message } from '@/api/types';
import { Button } from '@/components/button';
import { composing, isEmpty, useCompose } from '../composer/compose';
import { inWords } from '../content/words';

/** The newest message of each conversation when its answer was begun. */
const begun = new Map<number, number>();
/** A second press so soon is a key that was held down, and no answer to what it has just shown. */
const HELD_MS = 400;

function newestOf(client: QueryClient, conversation: number): readonly Message[] {
  return flatten(client.getQueryData<Pages<Message>>(messageKeys.of(conversation)));
}

/** The newest answer that another agent gave since this one was begun. */
export function newerAnswer(messages: readonly Message[], since: number, me: number): Message | undefined {
  const answers = messages.filter(
    ({ id, direction, origin, author, status, content }) =>
      id > since && direction === 'out' && origin === 'agent' && author?.id !== me && status !== 'cancelled' && content.kind !== 'reaction',
  );
  return answers.reduce<Message | undefined>((newest, each) => (newest && newest.id > each.id ? newest : each), undefined);
}

/**
 * Asks before an answer goes out, when another agent has answered since it was begun: the first press shows that answer, and
 * only the next one sends.
 */
export function useNewerAnswer(conversation: number, me: number) {
  const client = useQueryClient();
  const { reply, template } = useCompose(conversation);
  const writing = !isEmpty(reply) || template.id !== undefined;
  const [shown, setShown] = useState<{ message: Message; at: number }>();
  // The answer in spite of which it is to be sent.
  const allowed = useRef(0);
  useEffect(() => {
    if (!writing) {
      begun.delete(conversation);
    } else if (!begun.has(conversation)) {
      begun.set(conversation, newestOf(client, conversation)[0]?.id ?? 0);
    }
  }, [client, conversation, writing]);

  /** Whether it may go out now. */
  const mayLeave = useCallback(() => {
    const since = begun.get(conversation);
    const newer = since === undefined ? undefined : newerAnswer(newestOf(client, conversation), since, me);
    if (!newer) return true;
    const now = Date.now();
    if (allowed.current === newer.id || (shown?.message.id === newer.id && now - shown.at > HELD_MS)) {
      setShown(undefined);
      return true;
    }
    if (shown?.message.id !== newer.id) setShown({ message: newer, at: now });
    return false;
  }, [client, conversation, me, shown]);

  const allow = () => {
    allowed.current = shown?.message.id ?? 0;
  };
  return { allow, newer: writing ? shown?.message : undefined, mayLeave };
}

/** Shows the answer of a colleague before one's own goes out. */
export function NewerNotice({ message, onSend, onDiscard }: { message: Message; onSend: () => void; onDiscard: () => void }) {
  const { t } = useTranslation();
  return (
    <div role="alert" className="rounded-lg border border-warn/30 bg-warn-soft px-3 py-2 text-sm text-warn">
      <p className="flex items-center gap-2 font-medium">
        <MessageSquareWarning aria-hidden="true" className="size-4 shrink-0" />
        {t('together.newer', { name: message.author?.name ?? t('together.colleague') })}
      </p>
      <p className="my-1.5 line-clamp-4 rounded-lg bg-bubble-out px-3 py-1.5 whitespace-pre-wrap text-ink">{inWords(message.content, t)}</p>
      <p className="flex flex-wrap gap-2">
        <Button className="min-h-8" onClick={onSend}>
          {t('together.sendAnyway')}
        </Button>
        <Button look="quiet" className="min-h-8" onClick={onDiscard}>
          {t('together.discard')}
        </Button>
      </p>
    </div>
  );
}

/** Throws away what was being written, and gives what brings it back. */
export function discardReply(conversation: number): () => void {
  const { reply, template } = composing.of(conversation);
  composing.clear(conversation, 'reply');
  composing.fill(conversation);
  return () => composing.change(conversation, { reply, template });
}
