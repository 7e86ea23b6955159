import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import { actOn, type MessageAction } from '@/api/queries/messages';
import { useMe } from '@/api/queries/sign-in';
import type { Message } from '@/api/types';
import { Button } from '@/components/button';

/** What may be done with a message that is under way: the server says what, and refuses what is no longer possible. */
export function MessageActions({ message }: { message: Message }) {
  return message.actions.length === 0 ? null : <Actions message={message} />;
}

function Actions({ message }: { message: Message }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const me = useMe();
  const [running, setRunning] = useState(false);
  const [failed, setFailed] = useState<ApiError | undefined>(undefined);
  if (!me.permissions.includes('messages:send')) return null;
  const run = async (action: MessageAction) => {
    setRunning(true);
    setFailed(undefined);
    try {
      await actOn(client, message.id, action);
    } catch (error) {
      setFailed(error instanceof ApiError ? error : new ApiError(0, '', ''));
    } finally {
      setRunning(false);
    }
  };
  return (
    <div className="mt-1.5">
      <p className="flex flex-wrap gap-2">
        {message.actions.map((action) => (
          <Button key={action} look={action === 'cancel' || action === 'cancel_retry' ? 'quiet' : 'plain'} className="min-h-8" disabled={running} onClick={() => void run(action)}>
            {t(`status.actions.${action}`)}
          </Button>
        ))}
      </p>
      {failed && (
        <p role="alert" className="mt-1 text-bad">
          {failed.code === 'conflict' ? t('status.tooLate') : failed.sayWith(t)}
        </p>
      )}
    </div>
  );
}
