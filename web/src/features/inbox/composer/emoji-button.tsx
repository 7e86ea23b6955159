import { Popover } from '@base-ui/react/popover';
import { Smile } from 'lucide-react';
import { lazy, Suspense, useState, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/button';
import { LoadingRows } from '@/components/view-state';

const EmojiPicker = lazy(() => import('../emoji/emoji-picker'));

/** The button of emoji beside the field. Phones have them on their keyboards. */
export function EmojiButton({ disabled, box, onPick }: { disabled: boolean; box: RefObject<HTMLElement | null>; onPick: (emoji: string) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        disabled={disabled}
        render={
          <IconButton label={t('emoji.open')} className="size-10 max-sm:hidden">
            <Smile aria-hidden="true" className="size-5" />
          </IconButton>
        }
      />
      <Popover.Portal>
        <Popover.Positioner side="top" align="start" sideOffset={6} className="z-30">
          <Popover.Popup finalFocus={box} aria-label={t('emoji.title')} className="rounded-2xl border border-line bg-raised shadow-card outline-none">
            <Suspense fallback={<LoadingRows rows={4} className="w-88" />}>
              <EmojiPicker
                onPick={(emoji) => {
                  setOpen(false);
                  onPick(emoji);
                }}
              />
            </Suspense>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
