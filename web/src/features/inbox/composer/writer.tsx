import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Mic, X } from 'lucide-react';
import { lazy, Suspense, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { capabilitiesQuery } from '@/api/queries/capabilities';
import { renderedQuery } from '@/api/queries/writing';
import type { Conversation, LibraryFile } from '@/api/types';
import { setPreferences } from '@/app/preferences';
import { Button, IconButton } from '@/components/button';
import { toast } from '@/components/toast';
import { inWords } from '../content/words';
import type { AfterSend } from './after-send';
import { AddMenu } from './add-menu';
import { composing, isEmpty, useCompose, type Attachment, type Draft, type FileKind } from './compose';
import { useDraftSync } from './draft-sync';
import { DropZone } from './drop-zone';
import { EmojiButton } from './emoji-button';
import { FileStrip } from './file-strip';
import { kindOf, refusal, startUpload } from './files';
import { composerId, sendId } from './focus';
import type { Outgoing } from './outgoing';
import { messagesOf, noteOf } from './parts';
import { SendButton } from './send-button';
import { useSuggestions } from './suggestions';
import { TakenBackNotice, undoKey } from './take-back';
import { TextBox } from './text-box';
import { complete, hasVariables, internalText } from './triggers';

const Recorder = lazy(() => import('./recorder'));
const ScheduleDialog = lazy(() => import('@/components/scheduled/schedule-dialog'));

/** Says a file that the server has already as an attachment: of a canned response or of the library. */
function stored(media: NonNullable<Attachment['media']>, kind?: FileKind): Attachment {
  const kinds = ['image', 'video', 'audio', 'voice', 'document', 'sticker'] as const;
  return {
    id: crypto.randomUUID(),
    name: media.filename || media.mime_type,
    size: media.size ?? 0,
    type: media.mime_type,
    kind: kind ?? kinds.find((each) => each === media.kind) ?? 'document',
    progress: 1,
    state: 'ready',
    media,
    ...(media.url !== undefined && media.mime_type.startsWith('image/') && { preview: media.url }),
  };
}

/** Where words are written and files are put: an answer, or a note. */
export function Writer({
  conversation,
  mode,
  blocked,
  mayLeave,
  after,
  choices,
  onSend,
}: {
  conversation: Conversation;
  mode: 'reply' | 'note';
  blocked: boolean;
  /** Whether an answer may go out now; what keeps it shows itself. */
  mayLeave: () => boolean;
  after: AfterSend;
  choices: readonly AfterSend[];
  onSend: (all: readonly Outgoing[], then: AfterSend, from?: Draft) => void;
}) {
  const { t } = useTranslation();
  const { id } = conversation;
  const draft = useCompose(id)[mode];
  const { newer, takeTheirs, keepMine } = useDraftSync(id, mode);
  const client = useQueryClient();
  const limits = useQuery(capabilitiesQuery(conversation.connection.id)).data;
  const box = useRef<HTMLTextAreaElement>(null);
  const [caret, setCaret] = useState(draft.text.length);
  const [recording, setRecording] = useState(false);
  const [scheduling, setScheduling] = useState<Draft>();
  // Where the cursor is to stand once a completed text is drawn.
  const cursor = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    if (cursor.current === undefined) return;
    box.current?.setSelectionRange(cursor.current, cursor.current);
    cursor.current = undefined;
  }, [draft.text]);

  const internal = mode === 'reply' ? internalText(draft.text) : undefined;
  const looks = internal === undefined ? mode : 'note';
  const suggest = useSuggestions({
    conversation,
    text: draft.text,
    caret,
    note: looks === 'note',
    onPick: ({ insert, canned, mention }, trigger) => {
      const now = composing.of(id)[mode];
      const next = complete(now.text, trigger, insert);
      composing.write(id, mode, {
        text: next.text,
        ...(mention && { mentions: [...(now.mentions ?? []), mention] }),
        ...(canned && mode === 'reply' && canned.files.length > 0 && { files: [...now.files, ...canned.files.map((file) => stored(file))] }),
      });
      setCaret(next.caret);
      cursor.current = next.caret;
    },
  });

  const addFiles = (files: readonly File[]) => {
    if (blocked) return;
    if (mode === 'note') {
      toast({ words: t('composer.file.notInNotes'), tone: 'info' });
      return;
    }
    for (const file of files) {
      const kind = kindOf(file, limits);
      const why = refusal(file, kind, limits);
      if (why === undefined) startUpload(id, file, kind, (each) => composing.write(id, 'reply', { files: [...composing.of(id).reply.files, each] }));
      else toast({ words: why, tone: 'bad' });
    }
    box.current?.focus();
  };

  /** A file of the library goes as what it is, where the channel takes that. */
  const addLibrary = ({ kind, name, media }: LibraryFile) => {
    const file = { name: media.filename || name, size: media.size ?? 0, type: media.mime_type };
    const as: FileKind = kind === 'sticker' && limits?.kinds?.includes('sticker') !== false ? 'sticker' : media.kind === 'voice' ? 'voice' : kindOf(file, limits);
    const why = refusal({ ...file, size: file.size || 1 }, as, limits);
    if (why === undefined) composing.write(id, 'reply', { files: [...composing.of(id).reply.files, stored({ ...media, filename: file.name }, as)] });
    else toast({ words: why, tone: 'bad' });
    box.current?.focus();
  };

  const tooLong = mode === 'reply' && limits?.text_max !== undefined && limits.text_max > 0 ? [...draft.text].length - limits.text_max : 0;
  const canSend = !blocked && !isEmpty(draft) && tooLong <= 0;
  const send = (then: AfterSend) => {
    // What is written now, and not what was drawn last: keys are faster than screens.
    const now = composing.of(id)[mode];
    if (blocked || isEmpty(now) || tooLong > 0) return;
    const note = mode === 'note' ? now.text : internalText(now.text);
    if (note === undefined && !mayLeave()) return;
    composing.clear(id, mode);
    setCaret(0);
    box.current?.focus();
    if (note === undefined) onSend(messagesOf(now, limits), then, now);
    else onSend([noteOf(now, note)], 'send');
  };

  return (
    <>
      {mode === 'reply' && !blocked && <DropZone onFiles={addFiles} />}
      {newer && (
        <div role="alert" className="rounded-lg bg-info-soft px-3 py-2 text-sm text-info">
          <p className="font-medium">{t('composer.draft.newer')}</p>
          <p className="my-1 max-h-24 overflow-y-auto rounded bg-surface px-2 py-1 whitespace-pre-wrap text-ink">{newer.body.text}</p>
          <p className="flex flex-wrap gap-2">
            <Button className="min-h-8" onClick={takeTheirs}>
              {t('composer.draft.theirs')}
            </Button>
            <Button className="min-h-8" onClick={keepMine}>
              {t('composer.draft.mine')}
            </Button>
          </p>
        </div>
      )}
      <TakenBackNotice conversation={id} />
      {draft.replyTo && (
        <div className="flex items-center gap-2 rounded-lg border-l-3 border-accent bg-ink/5 py-1 pr-1 pl-2.5 text-sm">
          <p className="min-w-0 flex-1 truncate text-muted">
            <span className="font-medium text-accent-strong">{t('timeline.quoted')}: </span>
            {inWords(draft.replyTo.content, t)}
          </p>
          <IconButton
            label={t('composer.noQuote')}
            className="size-7"
            onClick={() => {
              composing.write(id, mode, { replyTo: undefined });
              box.current?.focus();
            }}
          >
            <X aria-hidden="true" className="size-4" />
          </IconButton>
        </div>
      )}
      {draft.files.length > 0 && <FileStrip conversation={id} files={draft.files} limits={limits} />}
      {recording ? (
        <Suspense fallback={<p className="min-h-10 py-2 text-sm text-muted">{t('app.loading')}</p>}>
          <Recorder
            onDone={(file, durationMs) => {
              setRecording(false);
              const note = startUpload(id, file, 'voice', () => undefined, durationMs);
              const spoken: Draft = { text: '', files: [note], replyTo: composing.of(id).reply.replyTo };
              onSend(messagesOf(spoken, limits), 'send', spoken);
              composing.write(id, 'reply', { replyTo: undefined });
            }}
            onDiscard={() => setRecording(false)}
          />
        </Suspense>
      ) : (
        <div className="relative flex items-end gap-1.5">
          {suggest.list}
          {mode === 'reply' && (
            <AddMenu conversation={conversation} limits={limits} disabled={blocked} onFiles={addFiles} onLibrary={addLibrary} onContent={(content) => onSend([{ kind: 'reply', content }], 'send')} />
          )}
          <EmojiButton
            disabled={blocked}
            box={box}
            onPick={(emoji) => {
              const { text } = composing.of(id)[mode];
              const at = Math.min(box.current?.selectionStart ?? caret, text.length);
              composing.write(id, mode, { text: text.slice(0, at) + emoji + text.slice(at) });
              setCaret(at + emoji.length);
              cursor.current = at + emoji.length;
            }}
          />
          <div
            className={`min-w-0 flex-1 rounded-xl border bg-raised px-2 focus-within:ring-2 ${looks === 'note' ? 'border-bad focus-within:ring-bad/30' : 'border-line-strong focus-within:border-accent focus-within:ring-accent/30'} ${blocked ? 'opacity-70' : ''}`}
          >
            <TextBox
              id={composerId(id)}
              boxRef={box}
              label={t(`composer.label.${mode}`, { name: conversation.contact.name })}
              placeholder={blocked ? '' : t(`composer.placeholder.${mode}`)}
              value={draft.text}
              readOnly={blocked}
              listbox={suggest.field}
              onKey={(event) => suggest.onKey(event) || undoKey(event, client, id, isEmpty(composing.of(id)[mode]))}
              onCaret={setCaret}
              onFiles={addFiles}
              onValue={(text, at) => {
                composing.write(id, mode, { text });
                setCaret(at);
              }}
              onSend={() => send(after)}
            />
          </div>
          {mode === 'reply' && !blocked && isEmpty(draft) && canRecord() ? (
            <IconButton label={t('composer.record')} className="size-10" onClick={() => setRecording(true)}>
              <Mic aria-hidden="true" className="size-5" />
            </IconButton>
          ) : null}
          <SendButton
            id={sendId(id)}
            mode={looks}
            after={after}
            choices={choices}
            disabled={!canSend}
            onSend={() => send(after)}
            onChoose={(next) => {
              setPreferences({ afterSend: next });
              if (canSend) send(next);
            }}
            onSchedule={
              mode === 'reply' && internal === undefined
                ? () => {
                    const now = composing.of(id)[mode];
                    if (isEmpty(now) || tooLong > 0) box.current?.focus();
                    else if (now.files.some(({ state }) => state !== 'ready')) toast({ words: t('composer.scheduleFiles'), tone: 'info' });
                    else setScheduling(now);
                  }
                : undefined
            }
          />
        </div>
      )}
      {scheduling && (
        <Suspense fallback={null}>
          <ScheduleDialog
            whose={{ conversation_id: id }}
            contents={messagesOf(scheduling, limits).flatMap((each) => (each.kind === 'reply' ? [each.content] : []))}
            windowUntil={conversation.window_open ? conversation.window_expires_at : undefined}
            onClose={() => setScheduling(undefined)}
            onDone={() => {
              composing.clear(id, mode);
              setCaret(0);
            }}
          />
        </Suspense>
      )}
      {internal !== undefined && <p className="text-xs font-medium text-bad">{t('composer.internal')}</p>}
      {tooLong > 0 && <p className="text-xs text-bad">{t('composer.tooLong', { count: tooLong })}</p>}
      {hasVariables(draft.text) && <WithVariables conversation={conversation} text={internal ?? draft.text} />}
    </>
  );
}

/** Whether this browser can record. */
function canRecord(): boolean {
  return typeof MediaRecorder !== 'undefined' && navigator.mediaDevices !== undefined;
}

/** A text with variables as it will be read, a moment after the last key. */
function WithVariables({ conversation, text }: { conversation: Conversation; text: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [settled, setSettled] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 350);
    return () => clearTimeout(timer);
  }, [text]);
  const rendered = useQuery({ ...renderedQuery(conversation.id, settled), enabled: settled !== '', placeholderData: (old) => old }, client);
  if (!rendered.data) return null;
  return (
    <p aria-live="polite" className="truncate text-xs text-muted">
      <span className="font-medium">{t('composer.willRead')}: </span>
      {rendered.data.text}
      {rendered.data.missing.length > 0 && <span className="text-warn"> · {t('composer.missing', { names: rendered.data.missing.join(', ') })}</span>}
    </p>
  );
}
