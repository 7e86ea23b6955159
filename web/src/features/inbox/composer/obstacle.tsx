import { Ban, Clock, Hourglass, Lock, Unplug, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '@/api/types';
import { useDates, useNow } from '@/i18n/format';
import type { Obstacle } from './may-send';

const ICONS: Record<Obstacle, LucideIcon> = { permission: Lock, blocked: Ban, removed: Unplug, locked: Lock, window: Clock };

/** Says why nothing can be sent this way, since when, and what can be done instead. */
export function ObstacleNotice({ why, conversation, children }: { why: Obstacle; conversation: Conversation; children?: ReactNode }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(60_000);
  const Icon = ICONS[why];
  const since = conversation.window_expires_at;
  const words =
    why === 'locked'
      ? t('composer.obstacle.locked', { agent: conversation.ticket?.agent?.name ?? '' })
      : why === 'window' ? (since ? t('composer.obstacle.windowSince', { when: dates.short(since, now) }) : t('composer.obstacle.windowNever')) : t(`composer.obstacle.${why}`);
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg bg-warn-soft px-3 py-2 text-sm text-pretty text-warn">
      <p className="flex min-w-0 flex-1 basis-60 items-start gap-2">
        <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
        {words}
      </p>
      {children}
    </div>
  );
}

/** Says that what is written now waits, and for what (rule 100). */
export function HoldNotice({ held }: { held: number }) {
  const { t } = useTranslation();
  return (
    <p className="flex items-start gap-2 rounded-lg bg-warn-soft px-3 py-2 text-sm text-pretty text-warn">
      <Hourglass aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      {held > 0 ? t('composer.holds', { count: held }) : t('composer.holdsNone')}
    </p>
  );
}
