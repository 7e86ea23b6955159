import { Dialog } from '@base-ui/react/dialog';
import { ChevronLeft, ChevronRight, Download, X, ZoomIn, ZoomOut } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/button';
import type { Picture } from './content/pictures';

/** A picture in the whole window. The arrows walk through all of the conversation; earlier ones are fetched as they come. */
export default function Lightbox({
  picture,
  pictures,
  more,
  onMore,
  onShow,
  onClose,
}: {
  picture: Picture;
  /** All that are loaded, oldest first. */
  pictures: readonly Picture[];
  /** Earlier messages are not loaded yet. */
  more: boolean;
  onMore: () => void;
  onShow: (picture: Picture) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [zoom, setZoom] = useState(1);
  const at = pictures.findIndex((each) => each.src === picture.src);
  const earlier = pictures[at - 1];
  const later = at === -1 ? undefined : pictures[at + 1];
  // The one before is there when it is asked for.
  useEffect(() => {
    if (at <= 1 && more) onMore();
  }, [at, more, onMore]);
  const show = (next: Picture | undefined) => {
    if (!next) return;
    setZoom(1);
    onShow(next);
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/85" />
        <Dialog.Popup
          onKeyDown={(event) => {
            if (event.key === 'ArrowLeft') show(earlier);
            else if (event.key === 'ArrowRight') show(later);
          }}
          className="fixed inset-0 z-50 flex flex-col outline-none"
        >
          <Dialog.Title className="sr-only">{picture.alt}</Dialog.Title>
          <div className="flex items-center justify-end gap-1 p-2 [&_button]:text-white [&_button]:hover:bg-white/15 [&_button]:hover:text-white">
            <p aria-live="polite" className="tabular mr-auto px-2 text-sm text-white">
              {at >= 0 && t('content.pictureOf', { number: at + 1, count: pictures.length })}
            </p>
            <IconButton label={t('content.zoomOut')} onClick={() => setZoom((z) => Math.max(1, z - 1))} disabled={zoom === 1}>
              <ZoomOut aria-hidden="true" className="size-5" />
            </IconButton>
            <IconButton label={t('content.zoomIn')} onClick={() => setZoom((z) => Math.min(5, z + 1))} disabled={zoom === 5}>
              <ZoomIn aria-hidden="true" className="size-5" />
            </IconButton>
            <a
              href={picture.src}
              download={picture.filename || ''}
              aria-label={t('content.download')}
              title={t('content.download')}
              className="inline-flex size-9 items-center justify-center rounded-lg text-white hover:bg-white/15"
            >
              <Download aria-hidden="true" className="size-5" />
            </a>
            <Dialog.Close
              render={
                <IconButton label={t('content.closeImage')}>
                  <X aria-hidden="true" className="size-5" />
                </IconButton>
              }
            />
          </div>
          <div className="flex min-h-0 flex-1 items-center">
            <IconButton label={t('content.previousPicture')} disabled={!earlier} onClick={() => show(earlier)} className="text-white hover:bg-white/15 hover:text-white">
              <ChevronLeft aria-hidden="true" className="size-6" />
            </IconButton>
            <div className="h-full min-w-0 flex-1 overflow-auto p-2" style={{ touchAction: 'pinch-zoom' }}>
              <div className="flex min-h-full min-w-full items-center justify-center" style={{ width: `${zoom * 100}%` }}>
                <img src={picture.src} alt={picture.alt} className={zoom === 1 ? 'max-h-[78vh] max-w-full object-contain' : 'w-full object-contain'} />
              </div>
            </div>
            <IconButton label={t('content.nextPicture')} disabled={!later} onClick={() => show(later)} className="text-white hover:bg-white/15 hover:text-white">
              <ChevronRight aria-hidden="true" className="size-6" />
            </IconButton>
          </div>
          {picture.caption !== '' && <p className="mx-auto max-w-2xl p-4 text-center text-sm text-white">{picture.caption}</p>}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
