import { Popover } from '@base-ui/react/popover';
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';

/** The reactions people use most. */
const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

/** Reactions to choose from; the one that is there already is taken back (rule 111). */
export default function Reactions({
  own,
  anchor,
  onReact,
  onClose,
}: {
  own: string | undefined;
  anchor: RefObject<HTMLButtonElement | null>;
  onReact: (emoji: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      <Popover.Portal>
        <Popover.Positioner anchor={anchor} sideOffset={4} side="top" className="z-30">
          <Popover.Popup finalFocus={anchor} aria-label={t('timeline.react')} className="flex gap-0.5 rounded-full border border-line bg-raised p-1 shadow-card outline-none">
            {QUICK.map((emoji) => (
              <Popover.Close
                key={emoji}
                aria-label={t(emoji === own ? 'timeline.reactBack' : 'timeline.reactWith', { emoji })}
                aria-pressed={emoji === own}
                onClick={() => onReact(emoji)}
                className="size-9 rounded-full text-xl hover:bg-sunken aria-pressed:bg-accent-soft"
              >
                {emoji}
              </Popover.Close>
            ))}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
