import { lazy, Suspense, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message } from '@/api/types';
import { statusOf, Tick } from './ticks';

// Few messages need them, and their words are many.
const Notice = lazy(() => import('./delivery-notice'));
const TickPopover = lazy(() => import('./tick-popover'));

const TROUBLED: readonly string[] = ['failed', 'retrying', 'unconfirmed', 'held'];

/** Under a bubble: what an agent must know about a message that did not simply arrive. */
export function DeliveryNotice({ message }: { message: Message }) {
  if (!TROUBLED.includes(statusOf(message.status))) return null;
  return (
    <Suspense>
      <Notice message={message} />
    </Suspense>
  );
}

/** The tick as a button: it tells when each status was reached, and Meta's words if it failed. */
export function TickDetails({ message }: { message: Message }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const status = statusOf(message.status);
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-label={`${t('status.info')}: ${t(`status.${status}`)}`}
        onClick={() => setOpen(!open)}
        className="-my-1 -mr-1 inline-flex min-h-6 min-w-6 items-center justify-center rounded hover:bg-ink/8"
      >
        <Tick status={status} />
      </button>
      {open && (
        <Suspense>
          <TickPopover message={message} anchor={button} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
