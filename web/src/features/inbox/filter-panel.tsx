import { useTranslation } from 'react-i18next';
import { setPreferences, usePreferences } from '@/app/preferences';
import { Combobox } from '@/components/combobox';
import { Chips } from '@/components/chips';
import { Select } from '@/components/select';
import type { Change } from './filter-chips';
import { CHOSEN, useFilterOptions } from './filter-options';
import { ORDERS, orderOf, type InboxSearch } from './search';

const WINDOWS = ['aberta', 'expirando', 'expirada', 'nunca'] as const;

/** Everything that narrows and sorts the list, in one place. */
export default function FilterPanel({ search, onChange }: { search: InboxSearch; onChange: Change }) {
  const { t } = useTranslation();
  const options = useFilterOptions();
  const { order } = usePreferences();
  return (
    <div id="filters" className="space-y-2.5 rounded-xl border border-line bg-sunken/60 p-2.5">
      <Chips
        label={t('list.visibility')}
        size="small"
        value={search.filtro}
        chips={[
          { value: undefined, words: t('list.visible.all') },
          { value: 'nao-lidas', words: t('list.visible.unread') },
        ]}
        onChange={(filtro) => onChange({ filtro })}
      />
      <div className="grid grid-cols-2 gap-2">
        {CHOSEN.map((name) => (
          <Combobox
            key={name}
            label={t(`list.filter.${name}`)}
            labelHidden
            placeholder={t(`list.filter.${name}`)}
            options={options[name]}
            value={options[name].find(({ value }) => value === String(search[name])) ?? null}
            onChange={(option) => onChange({ [name]: option ? Number(option.value) : undefined })}
          />
        ))}
        <Select
          label={t('list.filter.janela')}
          value={search.janela ?? ''}
          onChange={(value) => onChange({ janela: value === '' ? undefined : value })}
          options={[{ value: '', words: t('list.anyWindow') }, ...WINDOWS.map((value) => ({ value, words: t(`list.windows.${value}`) }))]}
        />
        <Select
          label={t('list.order')}
          value={orderOf(search, order)}
          onChange={(value) => {
            setPreferences({ order: value });
            // The usual one needs no word in the address.
            onChange({ ordem: value === 'recent' ? undefined : ORDERS.find((each) => each.order === value)?.ordem });
          }}
          options={ORDERS.map((each) => ({ value: each.order, words: t(`list.orders.${each.order}`) }))}
        />
      </div>
    </div>
  );
}
