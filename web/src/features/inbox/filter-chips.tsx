import { useNavigate } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { setPreferences, usePreferences } from '@/app/preferences';
import { CHOSEN, useFilterOptions } from './filter-options';
import { isFiltered, orderOf, unfiltered, type InboxSearch } from './search';

/** Changes some of what narrows the list. */
export type Change = (change: Partial<InboxSearch>) => void;

/** What narrows the list now: each is taken off by itself, or all at once. */
export function FilterChips({ search, onChange }: { search: InboxSearch; onChange: Change }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const options = useFilterOptions();
  const { order: preferred } = usePreferences();
  const order = orderOf(search, preferred);
  const chips: { name: keyof InboxSearch; words: string; color?: string | undefined }[] = [];
  if (search.filtro) chips.push({ name: 'filtro', words: t('list.visible.unread') });
  for (const name of CHOSEN) {
    const id = search[name];
    if (id === undefined) continue;
    const option = options[name].find(({ value }) => value === String(id));
    chips.push({ name, words: `${t(`list.filter.${name}`)}: ${option?.words ?? `#${id}`}`, color: option?.color });
  }
  if (search.janela) chips.push({ name: 'janela', words: `${t('list.filter.janela')}: ${t(`list.windows.${search.janela}`)}` });
  if (order !== 'recent') chips.push({ name: 'ordem', words: t(`list.orders.${order}`) });
  if (chips.length === 0) return null;
  return (
    <ul aria-label={t('list.on')} className="flex flex-wrap items-center gap-1">
      {chips.map(({ name, words, color }) => (
        <li key={name}>
          <button
            type="button"
            aria-label={t('kit.remove', { name: words })}
            onClick={() => {
              if (name === 'ordem') setPreferences({ order: 'recent' });
              onChange({ [name]: undefined });
            }}
            className="inline-flex min-h-6 items-center gap-1 rounded-full bg-accent-soft px-2 text-xs font-medium text-accent-strong hover:bg-sunken"
          >
            {color !== undefined && <span aria-hidden="true" className="size-2 rounded-full" style={{ background: color }} />}
            {words}
            <X aria-hidden="true" className="size-3" />
          </button>
        </li>
      ))}
      {isFiltered(search) && (
        <li>
          <button
            type="button"
            onClick={() => void navigate({ to: '.', search: unfiltered(search), replace: true })}
            className="min-h-6 rounded-full px-2 text-xs font-medium text-muted hover:bg-sunken hover:text-ink"
          >
            {t('list.clear')}
          </button>
        </li>
      )}
    </ul>
  );
}
