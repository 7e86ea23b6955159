import { useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { conversationKeys } from '@/api/queries/conversations';
import { useMe } from '@/api/queries/sign-in';
import type { Content, Conversation } from '@/api/types';
import { setPreferences, usePreferences } from '@/app/preferences';
import { useKeys } from '@/app/shortcuts';
import { Button, IconButton } from '@/components/button';
import { LoadingRows } from '@/components/view-state';
import { useNow } from '@/i18n/format';
import { inWords } from '../content/words';
import { runAfterSend, useOffered, type AfterSend } from './after-send';
import { composing, isEmpty, useCompose, type Mode } from './compose';
import { maySend } from './may-send';
import { ModeSwitch } from './mode-switch';
import { HoldNotice, ObstacleNotice } from './obstacle';
import { outboxOf } from './outbox';
import { SendButton } from './send-button';
import { TextBox } from './text-box';

const TemplatePicker = lazy(() => import('./template-picker'));

const MODES: readonly Mode[] = ['reply', 'template'];

const GROUNDS: Record<Mode, string> = {
  reply: 'bg-surface border-t-accent',
  note: 'bg-bubble-note border-t-bad',
  template: 'bg-surface border-t-info',
};

/** The id of the field in which a conversation is answered. */
export function composerId(conversation: number): string {
  return `escrever-${conversation}`;
}

/** Puts the cursor into the composer of a conversation, once it is drawn. */
export function focusComposer(conversation: number): void {
  requestAnimationFrame(() => document.getElementById(composerId(conversation))?.focus());
}

/** Reads the conversation again when its window has ended by this clock: the server says whether it has. */
function useWindowEnd(conversation: Conversation): void {
  const client = useQueryClient();
  const now = useNow(15_000);
  const late = conversation.window_open && conversation.window_expires_at !== undefined && Date.parse(conversation.window_expires_at) <= now;
  useEffect(() => {
    if (late) void client.invalidateQueries({ queryKey: conversationKeys.number(conversation.number) });
  }, [late, now, client, conversation.number]);
}

/** Where an agent writes: answers, notes and templates of one conversation, kept by its id. */
export function Composer({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const me = useMe();
  const { afterSend } = usePreferences();
  const { id } = conversation;
  const compose = useCompose(id);
  const { mode } = compose;
  const may = useMemo(() => maySend(conversation, me.permissions), [conversation, me.permissions]);
  const box = useRef<HTMLTextAreaElement>(null);
  const offered = useOffered();
  useWindowEnd(conversation);

  // The mode is chosen once, when an empty composer comes on screen; after that only the agent turns it.
  const [ready, setReady] = useState(false);
  if (!ready) {
    setReady(true);
    if (isEmpty(compose.reply) && isEmpty(compose.note) && compose.template.id === undefined) {
      const start: Mode = may.reply === 'window' ? 'template' : 'reply';
      if (mode !== start) composing.change(id, { mode: start });
    }
  }

  const turn = useCallback(
    (to: Mode) => {
      composing.change(id, { mode: to });
      focusComposer(id);
    },
    [id],
  );
  useKeys(
    useMemo(
      () => ({
        r: () => turn('reply'),
        m: () => turn('template'),
      }),
      [turn],
    ),
  );

  const choices: AfterSend[] = ['send', ...(offered.close ? (['close'] as const) : []), ...(offered.snooze ? (['snooze'] as const) : [])];
  const after = choices.includes(afterSend) ? afterSend : 'send';
  const deliver = useCallback(
    (content: Content, then: AfterSend) => {
      outboxOf(client).send(id, { kind: 'reply', content, delaySeconds: 0 });
      if (then !== 'send') runAfterSend(then, conversation);
    },
    [client, id, conversation],
  );

  const draft = mode === 'note' ? compose.note : compose.reply;
  const obstacle = may[mode];
  const canSend = obstacle === undefined && draft.text.trim() !== '';
  const send = (then: AfterSend) => {
    // What is written now, and not what was drawn last: keys are faster than screens.
    const now = composing.of(id);
    if (mode !== 'reply' || may.reply !== undefined || isEmpty(now.reply)) return;
    const content: Content = { kind: 'text', text: now.reply.text.trim(), ...(now.reply.replyTo && { reply_to: { message_id: now.reply.replyTo.id } }) };
    composing.clear(id, 'reply');
    deliver(content, then);
    box.current?.focus();
  };

  return (
    <section aria-label={t('composer.title')} data-mode={mode} className={`border-t-2 px-2 pt-2 pb-2 sm:px-4 ${GROUNDS[mode]}`}>
      <div className="mx-auto flex max-w-3xl flex-col gap-2">
        <div className="flex flex-wrap items-center gap-2">
          <ModeSwitch mode={mode} modes={MODES} onChange={turn} />
          <p className="min-w-0 flex-1 basis-32 truncate text-xs text-muted">{t(`composer.modeHint.${mode}`)}</p>
        </div>
        {obstacle !== undefined && (
          <ObstacleNotice why={obstacle} conversation={conversation}>
            {mode === 'reply' && may.template === undefined && obstacle === 'window' && (
              <Button className="min-h-8" onClick={() => turn('template')}>
                {t('composer.chooseTemplate')}
              </Button>
            )}
          </ObstacleNotice>
        )}
        {mode === 'reply' && may.holds && <HoldNotice held={conversation.held_count} />}
        {mode === 'template' ? (
          may.template === undefined && (
            <Suspense fallback={<LoadingRows rows={2} />}>
              <TemplatePicker conversation={conversation} inputId={composerId(id)} after={after} choices={choices} onSend={deliver} />
            </Suspense>
          )
        ) : (
          <>
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
                    composing.write(id, 'reply', { replyTo: undefined });
                    box.current?.focus();
                  }}
                >
                  <X aria-hidden="true" className="size-4" />
                </IconButton>
              </div>
            )}
            <div className="flex items-end gap-2">
              <div
                className={`min-w-0 flex-1 rounded-xl border bg-raised px-2 focus-within:ring-2 ${mode === 'note' ? 'border-bad focus-within:ring-bad/30' : 'border-line-strong focus-within:border-accent focus-within:ring-accent/30'} ${obstacle !== undefined ? 'opacity-70' : ''}`}
              >
                <TextBox
                  id={composerId(id)}
                  boxRef={box}
                  label={t(`composer.label.${mode}`, { name: conversation.contact.name })}
                  placeholder={obstacle === undefined ? t(`composer.placeholder.${mode}`) : ''}
                  value={draft.text}
                  readOnly={obstacle !== undefined}
                  onValue={(text) => composing.write(id, mode, { text })}
                  onSend={() => send(after)}
                />
              </div>
              <SendButton
                mode={mode}
                after={after}
                choices={choices}
                disabled={!canSend}
                onSend={() => send(after)}
                onChoose={(next) => {
                  setPreferences({ afterSend: next });
                  if (canSend) send(next);
                }}
              />
            </div>
          </>
        )}
      </div>
    </section>
  );
}
