import { BookmarkPlus } from 'lucide-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommands } from '@/app/commands';
import { IconButton } from '@/components/button';
import '@/i18n/rest';

const SavedDialog = lazy(() => import('./saved-dialog'));

/** The way to all saved views: to make, change, order and share them. */
export default function SavedButton() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  useCommands(useMemo(() => ({ heading: t('saved.title'), commands: [{ id: 'saved-views', words: t('saved.title'), icon: BookmarkPlus, run: () => setOpen(true) }] }), [t]));
  return (
    <>
      <IconButton label={t('saved.title')} onClick={() => setOpen(true)}>
        <BookmarkPlus aria-hidden="true" className="size-4.5" />
      </IconButton>
      {open && (
        <Suspense>
          <SavedDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
