import { useQueryClient } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { Undo2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiError } from '@/api/problem';
import { ariaKeys, printed } from '@/app/shortcuts';
import { Button } from '@/components/button';
import { composing } from './compose';
import { focusComposer } from './focus';
import { mayTakeBack, outboxOf } from './outbox';
import { contentOfSending, type Sending } from './outgoing';
import { undoSending, UNDO_KEYS } from './take-back';

/** Why the server refused a message, in the reader's language. */
function reasonOf(t: TFunction, error: ApiError): string {
  if (error.key === 'ticket.write_locked') return t('composer.refused.locked', { agent: error.args.agent ?? '' });
  switch (error.code) {
    case 'window_closed':
      return t('composer.refused.window');
    case 'contact_blocked':
      return t('composer.obstacle.blocked');
    case 'connection_state':
      return t('composer.refused.connection');
    case 'variables_missing':
      return t('composer.refused.variables', { names: error.args.names ?? '' });
    case 'upload':
      return t('composer.file.failed');
    case 'invalid':
      return t('composer.refused.invalid');
    default:
      return error.sayWith(t);
  }
}

/** Under what is on its way: that it waits for the connection, or why it was refused and what can be done. */
export default function SendingNotice({ sending }: { sending: Sending }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { conversation, ref, state, error } = sending;
  const hasText = contentOfSending(sending).kind === 'text';
  if (state !== 'refused' && mayTakeBack(sending)) return <UndoLine sending={sending} />;
  if (state === 'offline') return <p className="mt-1 max-w-sm text-xs text-warn">{t('composer.offline')}</p>;
  if (state !== 'refused' || !error) return null;
  const back = () => {
    const taken = outboxOf(client).discard(conversation, ref);
    if (!taken || !hasText) return;
    // Never over what is being written: it goes in front of it, and what was a note stays one.
    const { kind } = taken.what;
    const { text = '' } = contentOfSending(taken);
    const now = composing.of(conversation)[kind].text;
    composing.write(conversation, kind, { text: now === '' ? text : `${text}\n${now}` });
    composing.change(conversation, { mode: kind });
    focusComposer(conversation);
  };
  return (
    <div role="alert" className="mt-1 max-w-sm rounded-xl border border-bad/25 bg-surface px-3 py-2 text-[0.8125rem] text-bad">
      <p className="font-medium">{reasonOf(t, error)}</p>
      {error.code === 'invalid' && (
        <p lang="en" className="text-muted">
          {error.fields.map((field) => field.message).join(' ') || error.detail}
        </p>
      )}
      <p className="mt-1.5 flex flex-wrap gap-2">
        <Button className="min-h-8" onClick={() => outboxOf(client).retry(conversation, ref)}>
          {t('app.retry')}
        </Button>
        <Button look="quiet" className="min-h-8" onClick={back}>
          {hasText ? t('composer.backToText') : t('composer.discard')}
        </Button>
      </p>
    </div>
  );
}

/** So often the seconds that are left are counted. */
const COUNT_MS = 250;

/** Until it leaves: how long that is, and the way back. */
function UndoLine({ sending }: { sending: Sending }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { state, until, delay } = sending;
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (until === undefined) return;
    const timer = setInterval(() => setNow(Date.now()), COUNT_MS);
    return () => clearInterval(timer);
  }, [until]);
  const left = until === undefined ? delay : Math.min(delay, Math.max(0, Math.ceil((until - now) / 1000)));
  return (
    <p className="mt-1 flex max-w-sm flex-wrap items-center justify-end gap-x-2 text-xs">
      {state === 'offline' ? (
        <span className="text-warn">{t('composer.offline')}</span>
      ) : (
        <span aria-hidden="true" className="tabular text-muted">
          {t('composer.undo.leaves', { count: left })}
        </span>
      )}
      <span role="status" className="sr-only">
        {t('composer.undo.said', { count: delay })}
      </span>
      <Button
        look="quiet"
        className="min-h-8 px-2 text-xs font-semibold text-accent-strong"
        title={`${t('composer.undo.command')} (${printed(UNDO_KEYS).join('+')})`}
        aria-label={t('composer.undo.command')}
        aria-keyshortcuts={ariaKeys(UNDO_KEYS)}
        onClick={() => void undoSending(client, sending)}
      >
        <Undo2 aria-hidden="true" className="size-3.5" />
        {t('app.undo')}
      </Button>
    </p>
  );
}
