import { Fragment, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '@/components/dialog';
import { Key } from '@/components/keys';
import { useCommandSets } from './commands';
import { PAGES, usePages } from './pages';
import { usePreferences } from './preferences';
import { printed, SHEET } from './shortcuts';

function Group({ title, rows }: { title: string; rows: readonly { does: string; keys: ReactNode }[] }) {
  return (
    <section className="mb-6 break-inside-avoid">
      <h3 className="mb-2 text-sm font-semibold text-muted">{title}</h3>
      <dl className="space-y-2">
        {rows.map(({ does, keys }) => (
          <div key={does} className="flex items-center justify-between gap-4 text-sm">
            <dt>{does}</dt>
            <dd className="flex items-center gap-1">{keys}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function KeysOf({ keys, between }: { keys: readonly string[]; between?: string }) {
  return keys.map((key, place) => (
    <Fragment key={key}>
      {place > 0 && between !== undefined && <span className="text-xs text-faint">{between}</span>}
      <Key name={key} />
    </Fragment>
  ));
}

/** Every shortcut that works now, on one sheet: those of the screen under it come first. */
export default function ShortcutSheet({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation();
  const { singleKeys } = usePreferences();
  const pages = usePages();
  const sets = useCommandSets();
  const rows = (list: (typeof SHEET)[keyof typeof SHEET]) => list.map(({ keys, does }) => ({ does: t(`shortcuts.${does}`), keys: <KeysOf keys={keys} /> }));
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('shortcuts.title')} width="wide">
      {!singleKeys && <p className="mb-4 rounded-lg bg-warn-soft px-3 py-2 text-sm text-warn">{t('shortcuts.off')}</p>}
      <div className="gap-x-10 sm:columns-2">
        {sets.map((set) => {
          const bound = set.commands.flatMap(({ words, keys }) => (keys === undefined ? [] : [{ does: words, keys: <KeysOf keys={printed(keys)} /> }]));
          return bound.length > 0 && <Group key={set.heading} title={set.heading} rows={bound} />;
        })}
        <Group title={t('shortcuts.groups.anywhere')} rows={rows(SHEET.anywhere)} />
        <Group title={t('shortcuts.groups.bar')} rows={rows(SHEET.bar)} />
        <Group title={t('shortcuts.groups.list')} rows={rows(SHEET.list)} />
        <Group
          title={t('shortcuts.groups.goTo')}
          rows={pages.map((page) => ({ does: t(`nav.${page}`), keys: <KeysOf keys={['g', PAGES[page].key]} between={t('shortcuts.then')} /> }))}
        />
      </div>
    </Dialog>
  );
}
