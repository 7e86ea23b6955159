import { AlertCircle, Ban, Check, CheckCheck, Clock, CircleHelp, Hourglass, RotateCw, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { MessageStatus } from '@/api/types';

// Rule Z13: one grey is sent, two grey delivered, coloured read. Accepted shows as sent: the provider has it.
const LOOKS: Record<Exclude<MessageStatus, 'received'>, { icon: LucideIcon; color: string }> = {
  queued: { icon: Clock, color: 'text-faint' },
  held: { icon: Hourglass, color: 'text-warn' },
  unconfirmed: { icon: CircleHelp, color: 'text-warn' },
  retrying: { icon: RotateCw, color: 'text-warn' },
  accepted: { icon: Check, color: 'text-faint' },
  sent: { icon: Check, color: 'text-faint' },
  delivered: { icon: CheckCheck, color: 'text-faint' },
  read: { icon: CheckCheck, color: 'text-tick-read' },
  played: { icon: CheckCheck, color: 'text-tick-read' },
  failed: { icon: AlertCircle, color: 'text-bad' },
  cancelled: { icon: Ban, color: 'text-faint' },
};

/** The statuses of a message. */
export const STATUSES = ['received', ...Object.keys(LOOKS)] as MessageStatus[];

/** Narrows a status from the wire; one of a newer server shows as waiting. */
export function statusOf(value: string): MessageStatus {
  return STATUSES.find((status) => status === value) ?? 'queued';
}

/** The tick of a message: a picture whose name says the status. Inbound messages have none. */
export function Tick({ status, className }: { status: MessageStatus; className?: string }) {
  const { t } = useTranslation();
  if (status === 'received') return null;
  const { icon: Icon, color } = LOOKS[status];
  const name = t(`status.${status}`);
  return (
    <span role="img" aria-label={name} title={name} data-status={status} className={`inline-flex ${color} ${className ?? ''}`}>
      <Icon aria-hidden="true" className="size-4" strokeWidth={2.25} />
    </span>
  );
}
