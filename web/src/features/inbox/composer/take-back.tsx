import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { Undo2 } from 'lucide-react';
import { useMemo, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommands } from '@/app/commands';
import { usePreferences } from '@/app/preferences';
import { Button } from '@/components/button';
import { toast } from '@/components/toast';
import { i18next } from '@/i18n';
import { composing, isEmpty, useCompose, type Draft, type TakenBack } from './compose';
import { uploaded } from './files';
import { focusComposer } from './focus';
import { mayTakeBack, outboxOf } from './outbox';
import { contentOfSending, type Sending } from './outgoing';

/** The keys that take back the newest answer, as useKeys has them. Without Shift they do so in an empty field. */
export const UNDO_KEYS = '$mod+Shift+Z';

/** Says a file as it is now: its upload may have ended while it was out of the composer. */
function refreshed(conversation: number, draft: Draft): void {
  for (const { id, media } of draft.files) {
    if (!media) void uploaded(id).then((now) => composing.changeFile(conversation, id, { state: 'ready', progress: 1, media: now }), () => undefined);
  }
}

/** Puts into the composer what was taken back. A text goes before the one that is being written. */
export function bringBack(conversation: number, { draft, template }: TakenBack): void {
  if (template) {
    composing.fill(conversation, template);
    composing.change(conversation, { mode: 'template' });
  } else {
    const now = composing.of(conversation).reply;
    composing.write(conversation, 'reply', {
      text: [draft.text, now.text].filter((text) => text !== '').join('\n'),
      files: [...draft.files, ...now.files],
      replyTo: now.replyTo ?? draft.replyTo,
    });
    composing.change(conversation, { mode: 'reply' });
    refreshed(conversation, draft);
  }
  focusComposer(conversation);
}

/** What messages were made of, as far as they could be taken back. */
function madeOf(back: readonly Sending[]): TakenBack | undefined {
  const { draft, template } = back[0]?.source ?? {};
  if (template) return { template };
  if (!draft) return undefined;
  const contents = back.map(contentOfSending);
  const words = contents.some(({ text, media }) => (text ?? media?.caption ?? '') !== '');
  const uploads = new Set(back.map(({ what }) => (what.kind === 'reply' ? what.upload : undefined)));
  const media = new Set(contents.map((each) => each.media?.media_id));
  return { draft: { ...draft, text: words ? draft.text : '', files: draft.files.filter((file) => uploads.has(file.id) || (file.media !== undefined && media.has(file.media.id))) } };
}

/** Takes back what was sent with one press. Into an empty composer it comes at once, else it is offered. */
export async function undoSending(client: QueryClient, { conversation, ref }: Sending): Promise<void> {
  const back = await outboxOf(client).takeBack(conversation, ref);
  if (back.length === 0) {
    toast({ words: i18next.t('composer.undo.late'), tone: 'bad' });
    return;
  }
  const made = madeOf(back);
  toast({ words: i18next.t('composer.undo.done'), tone: 'info' });
  if (!made) return;
  const now = composing.of(conversation);
  const free = isEmpty(now.reply) && now.reply.replyTo === undefined && now.template.id === undefined;
  if (free) bringBack(conversation, made);
  else composing.change(conversation, { offered: [...(now.offered ?? []), made] });
}

/** Takes back the newest answer of a conversation, if one can be. */
function undoNewest(client: QueryClient, conversation: number): boolean {
  const newest = outboxOf(client).of(conversation).findLast(mayTakeBack);
  if (newest) void undoSending(client, newest);
  return newest !== undefined;
}

/** Mod+Z in an empty field takes back the newest answer: there is no typing to be undone. */
export function undoKey(event: KeyboardEvent, client: QueryClient, conversation: number, empty: boolean): boolean {
  if (!empty || event.key.toLowerCase() !== 'z' || event.shiftKey || event.altKey || !(event.ctrlKey || event.metaKey)) return false;
  if (!undoNewest(client, conversation)) return false;
  event.preventDefault();
  return true;
}

/** Offers the undo of sending by its keys, in the command bar and in the sheet of shortcuts. */
export function useUndoCommand(conversation: number): void {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { sendDelay } = usePreferences();
  useCommands(
    useMemo(
      () => ({
        heading: t('composer.title'),
        commands:
          sendDelay === 0
            ? []
            : [{ id: 'undo-send', words: t('composer.undo.command'), hint: t('composer.undo.commandHint'), icon: Undo2, keys: UNDO_KEYS, run: () => void undoNewest(client, conversation) }],
      }),
      [t, sendDelay, client, conversation],
    ),
  );
}

/** Offers what was taken back while something else was being written. */
export function TakenBackNotice({ conversation }: { conversation: number }) {
  const { t } = useTranslation();
  const { offered = [] } = useCompose(conversation);
  const last = offered.at(-1);
  if (!last) return null;
  const rest = () => composing.change(conversation, { offered: offered.slice(0, -1) });
  return (
    <div role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1.5 rounded-lg bg-info-soft px-3 py-2 text-sm text-info">
      <p className="line-clamp-2 min-w-0 flex-1 basis-48">
        <span className="font-medium">{t('composer.undo.offered')} </span>
        {last.draft ? last.draft.text || last.draft.files.map(({ name }) => name).join(', ') : t('composer.undo.template')}
      </p>
      <span className="flex gap-2">
        <Button
          className="min-h-8"
          onClick={() => {
            rest();
            bringBack(conversation, last);
          }}
        >
          {t('composer.undo.bring')}
        </Button>
        <Button
          look="quiet"
          className="min-h-8"
          onClick={() => {
            rest();
            focusComposer(conversation);
          }}
        >
          {t('composer.discard')}
        </Button>
      </span>
    </div>
  );
}
