import { FileText, Lock, Reply, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Mode } from './compose';

const LOOKS: Record<Mode, { icon: LucideIcon; checked: string }> = {
  reply: { icon: Reply, checked: 'has-checked:bg-accent has-checked:text-on-accent' },
  note: { icon: Lock, checked: 'has-checked:bg-bad has-checked:text-surface' },
  template: { icon: FileText, checked: 'has-checked:bg-info has-checked:text-surface' },
};

/** The one switch of the composer: answer, note or template. It says so in words and in colour, and only people turn it. */
export function ModeSwitch({ mode, modes, onChange }: { mode: Mode; modes: readonly Mode[]; onChange: (mode: Mode) => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className="flex shrink-0 rounded-lg border border-line bg-sunken p-0.5">
      <legend className="sr-only">{t('composer.switch')}</legend>
      {modes.map((each) => {
        const { icon: Icon, checked } = LOOKS[each];
        return (
          <label
            key={each}
            title={t(`composer.modeHint.${each}`)}
            className={`flex min-h-7 cursor-pointer items-center gap-1.5 rounded-md px-2.5 text-sm font-medium whitespace-nowrap text-muted hover:text-ink has-focus-visible:outline-2 has-focus-visible:outline-offset-1 has-focus-visible:outline-accent ${checked}`}
          >
            <input type="radio" name="composer-mode" value={each} checked={each === mode} onChange={() => onChange(each)} className="sr-only" />
            <Icon aria-hidden="true" className="size-3.5" />
            {t(`composer.mode.${each}`)}
          </label>
        );
      })}
    </fieldset>
  );
}
