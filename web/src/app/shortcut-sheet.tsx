import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/button';
import { usePreferences } from './preferences';
import { modName, SHEET } from './shortcuts';

function Key({ name }: { name: string }) {
  return (
    <kbd className="inline-flex min-h-6 min-w-6 items-center justify-center rounded-md border border-line bg-sunken px-1.5 font-sans text-xs font-medium text-muted">
      {name === 'Mod' ? modName() : name}
    </kbd>
  );
}

/** Every shortcut, on one sheet. */
export default function ShortcutSheet({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation();
  const { singleKeys } = usePreferences();
  const goTo = (page: (typeof SHEET.goTo)[number]['does']) => t(`nav.${page}`);
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup className="fixed top-1/2 left-1/2 z-50 max-h-[85dvh] w-[min(44rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 overflow-y-auto rounded-2xl bg-raised p-6 shadow-card outline-none">
          <div className="mb-4 flex items-center justify-between">
            <Dialog.Title className="text-lg font-semibold">{t('shortcuts.title')}</Dialog.Title>
            <Dialog.Close
              render={
                <IconButton label={t('app.close')}>
                  <X aria-hidden="true" className="size-5" />
                </IconButton>
              }
            />
          </div>
          {!singleKeys && <p className="mb-4 rounded-lg bg-warn-soft px-3 py-2 text-sm text-warn">{t('shortcuts.off')}</p>}
          <div className="grid gap-x-10 gap-y-6 sm:grid-cols-2">
            <section>
              <h3 className="mb-2 text-sm font-semibold text-muted">{t('shortcuts.groups.anywhere')}</h3>
              <dl className="space-y-2">
                {SHEET.anywhere.map(({ keys, does }) => (
                  <div key={does} className="flex items-center justify-between gap-4 text-sm">
                    <dt>{t(`shortcuts.${does}`)}</dt>
                    <dd className="flex gap-1">{keys.map((key) => <Key key={key} name={key} />)}</dd>
                  </div>
                ))}
              </dl>
              <h3 className="mt-6 mb-2 text-sm font-semibold text-muted">{t('shortcuts.groups.list')}</h3>
              <dl className="space-y-2">
                {SHEET.list.map(({ keys, does }) => (
                  <div key={does} className="flex items-center justify-between gap-4 text-sm">
                    <dt>{t(`shortcuts.${does}`)}</dt>
                    <dd className="flex gap-1">{keys.map((key) => <Key key={key} name={key} />)}</dd>
                  </div>
                ))}
              </dl>
            </section>
            <section>
              <h3 className="mb-2 text-sm font-semibold text-muted">{t('shortcuts.groups.goTo')}</h3>
              <dl className="space-y-2">
                {SHEET.goTo.map(({ keys, does }) => (
                  <div key={does} className="flex items-center justify-between gap-4 text-sm">
                    <dt>{goTo(does)}</dt>
                    <dd className="flex items-center gap-1">
                      <Key name={keys[0]} />
                      <span className="text-xs text-faint">{t('shortcuts.then')}</span>
                      <Key name={keys[1]} />
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
