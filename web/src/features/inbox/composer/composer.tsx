import { useQueryClient } from '@tanstack/react-query';
import { FileText, Lock, Reply } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { conversationKeys } from '@/api/queries/conversations';
import { useMe } from '@/api/queries/sign-in';
import type { Content, Conversation } from '@/api/types';
import { useCommands } from '@/app/commands';
import { usePreferences } from '@/app/preferences';
import { Button } from '@/components/button';
import { toast } from '@/components/toast';
import { LoadingRows } from '@/components/view-state';
import { useNow } from '@/i18n/format';
import { useActs } from '../actions/use-acts';
import { discardReply, NewerNotice, useNewerAnswer } from '../together/newer';
import { useTellPresence } from '../together/tell';
import { useWatchCommand, WatchNotice } from '../together/watch';
import { useWriting } from '../together/writing';
import { runAfterSend, useOffered, type AfterSend } from './after-send';
import { composing, isEmpty, useCompose, type Mode } from './compose';
import { composerId, focusComposer, sendId } from './focus';
import { maySend } from './may-send';
import { ModeSwitch } from './mode-switch';
import { HoldNotice, ObstacleNotice } from './obstacle';
import { outboxOf } from './outbox';
import type { Outgoing, Source } from './outgoing';
import { useUndoCommand } from './take-back';
import './deliver';
import { Writer } from './writer';

const TemplatePicker = lazy(() => import('./template-picker'));
const ScheduleDialog = lazy(() => import('@/components/scheduled/schedule-dialog'));

const MODES: readonly Mode[] = ['reply', 'note', 'template'];

const GROUNDS: Record<Mode, string> = {
  reply: 'bg-surface border-t-accent',
  note: 'bg-bubble-note border-t-bad',
  template: 'bg-surface border-t-info',
};

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
export default function Composer({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const me = useMe();
  const { afterSend } = usePreferences();
  const { id } = conversation;
  const compose = useCompose(id);
  const { mode } = compose;
  const may = useMemo(() => maySend(conversation, me.permissions), [conversation, me.permissions]);
  const offered = useOffered();
  const acts = useActs(conversation);
  const writes = useWriting(id);
  const { newer, allow, mayLeave } = useNewerAnswer(id, me.user.id);
  useTellPresence(id, me.user.id);
  useWatchCommand();
  useWindowEnd(conversation);
  useUndoCommand(id);

  // The mode is chosen once, when an empty composer comes on screen and the server has said how the conversation stands (a
  // row of the list may be older). After that only the agent turns it.
  const [started, setStarted] = useState<number | undefined>(undefined);
  const told = (client.getQueryState(conversationKeys.number(conversation.number))?.dataUpdatedAt ?? 0) > 0;
  if (started !== id && told) {
    setStarted(id);
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
  useCommands(
    useMemo(
      () => ({
        heading: t('composer.title'),
        commands: [
          { id: 'compose-reply', words: t('composer.turn.reply'), icon: Reply, keys: 'r', hint: t('composer.modeHint.reply'), run: () => turn('reply') },
          { id: 'compose-note', words: t('composer.turn.note'), icon: Lock, keys: 'n', hint: t('composer.modeHint.note'), run: () => turn('note') },
          { id: 'compose-template', words: t('composer.turn.template'), icon: FileText, keys: 'm', hint: t('composer.modeHint.template'), run: () => turn('template') },
        ],
      }),
      [t, turn],
    ),
  );

  const choices = useMemo<AfterSend[]>(
    () => ['send', ...(offered.close ? (['close'] as const) : []), ...(offered.snooze ? (['snooze'] as const) : [])],
    [offered.close, offered.snooze],
  );
  const after = choices.includes(afterSend) ? afterSend : 'send';
  const deliver = useCallback(
    (all: readonly Outgoing[], then: AfterSend, from: Omit<Source, 'batch'>) => {
      const source = { batch: crypto.randomUUID(), ...from };
      for (const what of all) outboxOf(client).send(id, what, source);
      if (then !== 'send') runAfterSend(then, conversation);
    },
    [client, id, conversation],
  );

  const [later, setLater] = useState<Content>();
  const obstacle = may[mode];
  return (
    <section aria-label={t('composer.title')} data-mode={mode} className={`border-t-2 px-2 pt-2 pb-2 sm:px-4 ${GROUNDS[mode]}`}>
      <div className="mx-auto flex max-w-3xl flex-col gap-2">
        <div className="flex items-center gap-2">
          <ModeSwitch mode={mode} modes={MODES} onChange={turn} />
          {/* Who writes too stands where it is told what is written here, on every screen. */}
          <p aria-live="polite" className={`min-w-0 flex-1 truncate text-xs font-medium text-accent-strong ${writes === '' ? 'sr-only' : ''}`}>
            {writes}
          </p>
          {writes === '' && (
            <p className={`hidden min-w-0 flex-1 truncate text-xs sm:block ${mode === 'note' ? 'font-medium text-bad' : 'text-muted'}`}>{t(`composer.modeHint.${mode}`)}</p>
          )}
        </div>
        {obstacle !== undefined && (
          <ObstacleNotice why={obstacle} conversation={conversation}>
            {obstacle === 'locked' && me.permissions.includes('tickets:write') && (
              <Button className="min-h-8" onClick={() => void acts.take()}>
                {t('acts.names.take')}
              </Button>
            )}
            {mode === 'reply' && obstacle === 'window' && (
              <Button className="min-h-8" onClick={() => turn('template')}>
                {t('composer.chooseTemplate')}
              </Button>
            )}
          </ObstacleNotice>
        )}
        <WatchNotice />
        {newer && mode !== 'note' && (
          <NewerNotice
            message={newer}
            onSend={() => {
              allow();
              document.getElementById(sendId(id))?.click();
            }}
            onDiscard={() => {
              const bring = discardReply(id);
              focusComposer(id);
              toast({ words: t('together.discarded'), undo: bring });
            }}
          />
        )}
        {mode === 'reply' && may.holds && <HoldNotice held={conversation.held_count} />}
        {mode !== 'template' ? (
          <Writer key={mode} conversation={conversation} mode={mode} blocked={obstacle !== undefined} mayLeave={mayLeave} after={after} choices={choices} onSend={(all, then, draft) => deliver(all, then, draft ? { draft } : {})} />
        ) : (
          may.template === undefined && (
            <Suspense fallback={<LoadingRows rows={2} />}>
              <TemplatePicker
                conversation={conversation}
                inputId={composerId(id)}
                after={after}
                mayLeave={mayLeave}
                choices={choices}
                onSend={(content, then) => deliver([{ kind: 'reply', content }], then, { template: composing.of(id).template })}
                onSchedule={setLater}
              />
            </Suspense>
          )
        )}
        {later && (
          <Suspense fallback={null}>
            <ScheduleDialog whose={{ conversation_id: id }} contents={[later]} onClose={() => setLater(undefined)} onDone={() => composing.fill(id)} />
          </Suspense>
        )}
      </div>
    </section>
  );
}
