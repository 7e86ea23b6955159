import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { CheckField } from '@/components/check-field';
import { TextField } from '@/components/field';
import { usePreferences } from '@/app/preferences';
import type { Plan } from './plan';

/** When a broadcast begins, how fast it goes, when it rests, and its first test. */
export function SpeedPart({ plan, zone, onChange }: { plan: Plan; zone: string; onChange: (part: Partial<Plan>) => void }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const weekday = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'pt-BR', { weekday: 'short', timeZone: 'UTC' });
  const days = Array.from({ length: 7 }, (_, day) => ({ day, words: weekday.format(new Date(Date.UTC(2026, 1, 1 + day))) })); // 1 February 2026 is a Sunday
  return (
    <div className="space-y-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField label={t('broadcasts.edit.startsAt')} name="starts_at" type="datetime-local" hint={t('broadcasts.edit.startsAtHint', { zone })} value={plan.startsAt} onValue={(startsAt) => onChange({ startsAt })} />
        <TextField label={t('broadcasts.edit.perMinute')} name="per_minute" type="number" min={1} max={4800} hint={t('broadcasts.edit.perMinuteHint')} value={plan.perMinute} onValue={(perMinute) => onChange({ perMinute })} />
      </div>
      <fieldset>
        <legend className="text-sm font-medium">{t('broadcasts.edit.quiet')}</legend>
        <p className="mt-0.5 mb-2 text-xs text-muted">{t('broadcasts.edit.quietHint', { zone })}</p>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label={t('broadcasts.edit.quietFrom')} name="quiet" type="time" value={plan.quietFrom} onValue={(quietFrom) => onChange({ quietFrom })} />
          <TextField label={t('broadcasts.edit.quietTo')} name="quiet.to" type="time" value={plan.quietTo} onValue={(quietTo) => onChange({ quietTo })} />
        </div>
      </fieldset>
      <fieldset>
        <legend className="mb-2 text-sm font-medium">{t('broadcasts.edit.days')}</legend>
        <div className="flex flex-wrap gap-1.5">
          {days.map(({ day, words }) => {
            const on = plan.days.length === 0 || plan.days.includes(day);
            return (
              <label key={day} className="flex min-h-9 cursor-pointer items-center rounded-full border border-line-strong px-3 text-sm select-none has-checked:border-accent has-checked:bg-accent-soft has-checked:text-accent-strong has-focus-visible:outline-2 has-focus-visible:outline-accent">
                <input
                  type="checkbox"
                  className="sr-only"
                  checked={on}
                  onChange={() => {
                    const before = plan.days.length === 0 ? days.map((each) => each.day) : plan.days;
                    const next = on ? before.filter((each) => each !== day) : [...before, day].sort();
                    onChange({ days: next.length === 7 ? [] : next });
                  }}
                />
                {words}
              </label>
            );
          })}
        </div>
      </fieldset>
      <div className="space-y-3">
        <CheckField label={t('broadcasts.edit.canary')} hint={t('broadcasts.edit.canaryHint')} checked={plan.canary} onChecked={(canary) => onChange({ canary })} />
        {plan.canary && (
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField label={t('broadcasts.edit.canarySize')} name="canary" type="number" min={1} value={plan.canarySize} onValue={(canarySize) => onChange({ canarySize })} />
            <TextField label={t('broadcasts.edit.canaryMinutes')} name="canary.minutes" type="number" min={0} max={1440} value={plan.canaryMinutes} onValue={(canaryMinutes) => onChange({ canaryMinutes })} />
            <TextField label={t('broadcasts.edit.canaryFailed')} name="canary.most_failed" type="number" min={0} max={100} value={plan.canaryFailed} onValue={(canaryFailed) => onChange({ canaryFailed })} />
            <TextField label={t('broadcasts.edit.canaryOptOuts')} name="canary.most_opt_outs" type="number" min={0} max={100} value={plan.canaryOptOuts} onValue={(canaryOptOuts) => onChange({ canaryOptOuts })} />
          </div>
        )}
      </div>
    </div>
  );
}
