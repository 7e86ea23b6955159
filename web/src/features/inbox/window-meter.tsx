import { useTranslation } from 'react-i18next';
import type { Conversation } from '@/api/types';
import { Badge, type Tone } from '@/components/badge';
import { span, useDates, useNow } from '@/i18n/format';
import { clockLabel, windowAt, type WindowView } from './clocks';

const TONES: Record<WindowView['state'], Tone> = { none: 'neutral', open: 'good', expiring: 'warn', expired: 'bad' };
const BARS: Record<WindowView['state'], string> = { none: 'bg-faint', open: 'bg-good', expiring: 'bg-warn', expired: 'bg-bad' };

/** The 24-hour window: its state in words, the time left, and a bar that empties (rules 077, 095). */
export function WindowMeter({ expiresAt }: { expiresAt: string | undefined }) {
  const { t } = useTranslation();
  const dates = useDates();
  const now = useNow(1000);
  const { state, leftMs, share } = windowAt(expiresAt, now);
  const hint = state === 'none' ? t('window.noneHint') : t(`window.${state}Hint`, { when: dates.short(expiresAt ?? '', now) });
  return (
    <div>
      <div className="flex items-center justify-between gap-2">
        <Badge tone={TONES[state]}>{t(`window.${state}`)}</Badge>
        {leftMs > 0 && <span className="tabular text-sm text-muted">{t('window.left', { time: span(leftMs) })}</span>}
      </div>
      <div
        role="meter"
        aria-label={t('window.label')}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={leftMs > 0 ? t('window.left', { time: span(leftMs) }) : t(`window.${state}`)}
        className="mt-2 h-1.5 overflow-hidden rounded-full bg-sunken"
      >
        <div className={`h-full rounded-full ${BARS[state]}`} style={{ width: `${Math.max(share * 100, leftMs > 0 ? 2 : 0)}%` }} />
      </div>
      <p className="mt-2 text-xs text-pretty text-muted">{hint}</p>
    </div>
  );
}

/** The state of the clock that matters, as a label in a list (rules 077, 165, 249, Z24). */
export function WindowLabel({ conversation, now }: { conversation: Conversation; now: number }) {
  const { t } = useTranslation();
  const dates = useDates();
  const label = clockLabel(conversation, now);
  return (
    <>
      {conversation.may_hold && (
        <Badge tone="accent" title={t('window.awaitsHint')}>
          {t('window.awaits')}
        </Badge>
      )}
      {label && (
        <Badge tone={TONES[label.state]} title={t('window.of', { clock: t(`window.clocks.${label.of}`), when: dates.short(label.endsAt, now) })}>
          {t(`window.${label.state}`)}
        </Badge>
      )}
    </>
  );
}
