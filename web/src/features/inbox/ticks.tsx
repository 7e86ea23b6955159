import { AlertCircle, Ban, Check, CheckCheck, Clock, CircleHelp, Hourglass, RotateCw, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';

/** The statuses of a message, as models/message.go derives them. */
export const STATUSES = [
  'received',
  'queued',
  'held',
  'unconfirmed',
  'retrying',
  'accepted',
  'sent',
  'delivered',
  'read',
  'played',
  'failed',
  'cancelled',
] as const;

/** One of the statuses. */
export type Status = (typeof STATUSES)[number];

/** Narrows a status from the wire; one that is not known yet shows as waiting. */
export function statusOf(value: string): Status {
  return STATUSES.find((status) => status === value) ?? 'queued';
}

// Rule Z13: one grey is sent, two grey delivered, coloured read. Accepted shows as sent: the provider has it.
const LOOKS: Record<Exclude<Status, 'received'>, { icon: LucideIcon; color: string }> = {
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

/** The tick of a message: a picture whose name says the status. Inbound messages have none. */
export function Tick({ status, className }: { status: Status; className?: string }) {
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
