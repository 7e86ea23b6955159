import { ChevronDown, SendHorizontal } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Menu } from '@/components/menu';
import type { AfterSend } from './after-send';
import type { Mode } from './compose';

const TONES: Record<Mode, string> = {
  reply: 'bg-accent text-on-accent hover:bg-accent-strong',
  // Rule 122: a note's button is red.
  note: 'bg-bad text-surface hover:opacity-90',
  template: 'bg-accent text-on-accent hover:bg-accent-strong',
};

/** Sends; beside it, what may follow. The last choice stays. */
export function SendButton({
  id,
  mode,
  after,
  choices,
  disabled,
  words: own,
  onSend,
  onChoose,
  onSchedule,
}: {
  id?: string | undefined;
  mode: Mode;
  after: AfterSend;
  choices: readonly AfterSend[];
  disabled: boolean;
  /** Other words for sending. */
  words?: string | undefined;
  onSend: () => void;
  onChoose: (after: AfterSend) => void;
  /** Sends at an instant; without it that is not offered. */
  onSchedule?: (() => void) | undefined;
}) {
  const { t } = useTranslation();
  const words = own ?? (mode === 'note' ? t('composer.sendNote') : t(`composer.after.${after}`));
  const split = mode !== 'note' && (choices.length > 1 || onSchedule !== undefined);
  return (
    <div className="flex shrink-0">
      <button
        type="submit"
        id={id}
        disabled={disabled}
        onClick={(event) => {
          event.preventDefault();
          onSend();
        }}
        aria-keyshortcuts="Control+Enter Meta+Enter"
        className={`inline-flex min-h-9 items-center gap-2 px-3.5 text-sm font-medium whitespace-nowrap transition-colors disabled:cursor-not-allowed disabled:opacity-55 ${split ? 'rounded-l-lg' : 'rounded-lg'} ${TONES[mode]}`}
      >
        <SendHorizontal aria-hidden="true" className="size-4" />
        {words}
      </button>
      {split && (
        <Menu
          label={t('composer.afterMenu')}
          trigger={
            <button
              type="button"
              aria-label={t('composer.afterMenu')}
              title={t('composer.afterMenu')}
              className={`inline-flex min-h-9 w-8 items-center justify-center rounded-r-lg border-l border-on-accent/30 ${TONES[mode]}`}
            >
              <ChevronDown aria-hidden="true" className="size-4" />
            </button>
          }
          items={[
            ...choices.map((each) => ({ words: t(`composer.after.${each}`), onSelect: () => onChoose(each) })),
            ...(onSchedule ? [{ words: t('composer.schedule'), onSelect: onSchedule }] : []),
          ]}
        />
      )}
    </div>
  );
}
