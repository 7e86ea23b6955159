import { Popover } from '@base-ui/react/popover';
import { Plus } from 'lucide-react';
import { lazy, Suspense, useState, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';

const EmojiPicker = lazy(() => import('./emoji/emoji-picker'));

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
  const [more, setMore] = useState(false);
  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      <Popover.Portal>
        <Popover.Positioner anchor={anchor} sideOffset={4} side="top" className="z-30">
          <Popover.Popup finalFocus={anchor} aria-label={t('timeline.react')} className={`border border-line bg-raised shadow-card outline-none ${more ? 'rounded-2xl' : 'flex gap-0.5 rounded-full p-1'}`}>
            {more ? (
              <Suspense fallback={<div className="h-80 w-88" />}>
                <EmojiPicker
                  onPick={(emoji) => {
                    onReact(emoji);
                    onClose();
                  }}
                />
              </Suspense>
            ) : (
              <>
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
                <button type="button" aria-label={t('emoji.more')} title={t('emoji.more')} onClick={() => setMore(true)} className="flex size-9 items-center justify-center rounded-full text-muted hover:bg-sunken hover:text-ink">
                  <Plus aria-hidden="true" className="size-5" />
                </button>
              </>
            )}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
