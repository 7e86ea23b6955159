import { useTranslation } from 'react-i18next';
import { Dialog } from '@/components/dialog';
import { Key } from '@/components/keys';
import { PAGES, usePages } from './pages';
import { usePreferences } from './preferences';
import { SHEET } from './shortcuts';

/** Every shortcut, on one sheet. */
export default function ShortcutSheet({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation();
  const { singleKeys } = usePreferences();
  const pages = usePages();
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('shortcuts.title')} width="wide">
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
            {pages.map((page) => (
              <div key={page} className="flex items-center justify-between gap-4 text-sm">
                <dt>{t(`nav.${page}`)}</dt>
                <dd className="flex items-center gap-1">
                  <Key name="g" />
                  <span className="text-xs text-faint">{t('shortcuts.then')}</span>
                  <Key name={PAGES[page].key} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}
