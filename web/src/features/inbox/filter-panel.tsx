import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { connectionsQuery } from '@/api/queries/connections';
import { usePages } from '@/app/pages';
import { Select } from '@/components/select';
import type { InboxSearch } from './search';

/** The filters that are needed less often: the window's state and the connection. */
export function FilterPanel({ search, onChange }: { search: InboxSearch; onChange: (change: Partial<InboxSearch>) => void }) {
  const { t } = useTranslation();
  const mayListConnections = usePages().includes('connections');
  const connections = useQuery({ ...connectionsQuery, enabled: mayListConnections });
  return (
    <div className="flex flex-wrap gap-2">
      <Select
        label={t('inbox.window')}
        value={search.janela ?? ''}
        onChange={(value) => onChange({ janela: value === '' ? undefined : value })}
        options={[
          { value: '', words: `${t('inbox.window')}: ${t('inbox.windows.any')}` },
          { value: 'aberta', words: t('inbox.windows.open') },
          { value: 'expirando', words: t('inbox.windows.expiring') },
          { value: 'expirada', words: t('inbox.windows.expired') },
          { value: 'nunca', words: t('inbox.windows.none') },
        ]}
      />
      {mayListConnections && (
        <Select
          label={t('inbox.connection')}
          value={String(search.conexao ?? '')}
          onChange={(value) => onChange({ conexao: value === '' ? undefined : Number(value) })}
          options={[
            { value: '', words: t('inbox.anyConnection') },
            ...(connections.data ?? []).map((connection) => ({ value: String(connection.id), words: connection.name })),
          ]}
        />
      )}
    </div>
  );
}
