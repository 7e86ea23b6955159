import { Check } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { faintOn, isColor, PALETTE } from './contrast';
import { TextField } from './field';

// The palette's names, in its order.
const PALETTE_NAMES = ['teal', 'cyan', 'blue', 'indigo', 'purple', 'pink', 'red', 'amber', 'brown', 'green', 'gray', 'stone'] as const;

/**
 * A colour that people give to a queue or a label: one of a palette that is seen in both themes, or their own. A colour that
 * one of the themes swallows is told, and taken all the same.
 */
export function ColorField({ label, hint, value, onValue }: { label: string; hint: string; value: string; onValue: (value: string) => void }) {
  const { t } = useTranslation();
  const known = isColor(value);
  const faint = known ? faintOn(value) : [];
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1.5 text-sm font-medium">{label}</legend>
      <p className="text-xs text-pretty text-muted">{hint}</p>
      <div className="flex flex-wrap gap-1.5">
        {PALETTE.map((color, place) => (
          <label
            key={color}
            title={t(`kit.colors.${PALETTE_NAMES[place] ?? 'gray'}`)}
            className="flex size-9 cursor-pointer items-center justify-center rounded-full has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
            style={{ background: color }}
          >
            <input
              type="radio"
              name={`${label}-palette`}
              value={color}
              aria-label={t(`kit.colors.${PALETTE_NAMES[place] ?? 'gray'}`)}
              checked={value.toLowerCase() === color}
              onChange={() => onValue(color)}
              className="sr-only"
            />
            {value.toLowerCase() === color && <Check aria-hidden="true" className="size-5 text-white" />}
          </label>
        ))}
      </div>
      <div className="mt-1 flex items-end gap-2">
        <input
          type="color"
          aria-label={t('kit.ownColor')}
          value={known ? value : '#000000'}
          onChange={(event) => onValue(event.target.value)}
          className="h-10 w-12 shrink-0 cursor-pointer rounded-lg border border-line-strong bg-raised p-1"
        />
        <TextField
          label={t('kit.colorCode')}
          name="color"
          value={value}
          onValue={(next) => onValue(next.trim())}
          maxLength={7}
          spellCheck={false}
          error={known ? undefined : t('kit.colorWrong')}
          className="flex-1"
        />
      </div>
      <p role="status" className="text-xs text-warn">
        {faint.length > 0 && t(faint.length === 2 ? 'kit.faintBoth' : faint[0] === 'light' ? 'kit.faintLight' : 'kit.faintDark')}
      </p>
    </fieldset>
  );
}
