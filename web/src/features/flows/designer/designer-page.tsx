import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ReactFlowProvider } from '@xyflow/react';
import { FileWarning, Lock } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { flowQuery } from '@/api/queries/flows';
import { useMe } from '@/api/queries/sign-in';
import { useTitle } from '@/app/page-frame';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import type { DesignerSearch } from '../search';
import { Designer } from './designer';
import { readDoc } from './document/document';
import { useSay } from './words';

/** The designer of one flow. It begins with the draft as it is stored now, whatever was read before. */
export default function DesignerPage({ id, search }: { id: number; search: DesignerSearch }) {
  const { t } = useTranslation();
  const say = useSay();
  const me = useMe();
  const query = useQuery({ ...flowQuery(id), refetchOnMount: 'always', refetchOnWindowFocus: false });
  useTitle(query.data ? say('title', { name: query.data.name }) : t('flows.title'));
  const back = (
    <Link to="/fluxos/$id" params={{ id: String(id) }} search={{}} className="font-medium text-accent-strong underline underline-offset-4">
      {say('toViewer')}
    </Link>
  );
  if (!me.permissions.includes('flows:write')) {
    return (
      <EmptyState icon={Lock} title={say('locked')} hint={say('lockedHint')}>
        {back}
      </EmptyState>
    );
  }
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.isFetchedAfterMount || !query.data) return <LoadingRows rows={6} />;
  const doc = readDoc(query.data.draft);
  if (!doc) {
    return (
      <EmptyState icon={FileWarning} title={say('unreadable')} hint={say('unreadableHint')}>
        {back}
      </EmptyState>
    );
  }
  return (
    <ReactFlowProvider key={id}>
      <Designer flow={query.data} doc={doc} search={search} account={me.account.id} />
    </ReactFlowProvider>
  );
}
