import { useTranslation } from 'react-i18next';
import { Combobox } from '@/components/combobox';
import { Chips } from '@/components/chips';
import { Select } from '@/components/select';
import type { Change } from './filter-chips';
import { CHOSEN, useFilterOptions } from './filter-options';
import { ORDERS, type InboxSearch } from './search';

const WINDOWS = ['aberta', 'expirando', 'expirada', 'nunca'] as const;

/** Everything that narrows and sorts the list, in one place. */
export default function FilterPanel({ search, onChange }: { search: InboxSearch; onChange: Change }) {
  const { t } = useTranslation();
  const options = useFilterOptions();
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
          value={ORDERS.find(({ ordem }) => ordem === search.ordem)?.order ?? 'recent'}
          onChange={(value) => onChange({ ordem: ORDERS.find(({ order }) => order === value)?.ordem })}
          options={ORDERS.map(({ order }) => ({ value: order, words: t(`list.orders.${order}`) }))}
        />
      </div>
    </div>
  );
}
