import { Popover } from '@base-ui/react/popover';
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message } from '@/api/types';
import { CopyButton } from '@/components/copy-button';
import { useDates } from '@/i18n/format';
import { statusOf, Tick } from './ticks';

const STEPS = [
  ['accepted_at', 'accepted'],
  ['sent_at', 'sent'],
  ['delivered_at', 'delivered'],
  ['read_at', 'read'],
  ['played_at', 'played'],
  ['failed_at', 'failed'],
] as const;

/** When a message reached each status, and Meta's words if it failed. */
export default function TickPopover({ message, anchor, onClose }: { message: Message; anchor: RefObject<HTMLButtonElement | null>; onClose: () => void }) {
  const { t } = useTranslation();
  const dates = useDates();
  const status = statusOf(message.status);
  const name = t(`status.${status}`);
  const reached = STEPS.filter(([field]) => message[field] !== undefined);
  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      <Popover.Portal>
        <Popover.Positioner anchor={anchor} sideOffset={6} align="end" className="z-30">
          <Popover.Popup finalFocus={anchor} className="w-72 rounded-xl border border-line bg-raised p-4 text-sm shadow-card outline-none">
            <Popover.Title className="mb-2 flex items-center gap-2 font-semibold">
              <Tick status={status} />
              {name}
            </Popover.Title>
            <dl className="space-y-1">
              {reached.map(([field, step]) => (
                <div key={field} className="tabular flex justify-between gap-3">
                  <dt className="text-muted">{t(`status.${step}`)}</dt>
                  <dd>{dates.time(message[field] ?? '')}</dd>
                </div>
              ))}
              <div className="tabular flex justify-between gap-3">
                <dt className="text-muted">{t('status.queued')}</dt>
                <dd>{dates.time(message.created_at)}</dd>
              </div>
            </dl>
            {message.attempts > 1 && <p className="mt-2 text-muted">{t('status.attempts', { count: message.attempts })}</p>}
            {message.error?.detail && (
              <p lang="en" className="mt-2 rounded-lg bg-sunken px-2.5 py-1.5 text-xs text-muted">
                {message.error.detail}
              </p>
            )}
            {message.provider_message_id && (
              <p className="mt-2 flex items-center gap-1 font-mono text-xs text-faint">
                <span className="truncate">{message.provider_message_id}</span>
                <CopyButton text={message.provider_message_id} label={t('app.copy')} />
              </p>
            )}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
