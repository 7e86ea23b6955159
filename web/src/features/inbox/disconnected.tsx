import { useTranslation } from 'react-i18next';
import { Unplug } from 'lucide-react';
import '@/i18n/rest';
import { useMe } from '@/api/queries/sign-in';
import type { Conversation } from '@/api/types';

/** Under the header: the number of this conversation sends nothing now, and who can change that (rule 015). */
export default function Disconnected({ connection }: { connection: Conversation['connection'] }) {
  const { t } = useTranslation();
  const { user } = useMe();
  if (connection.state === 'active') return null;
  return (
    <p role="status" className="flex items-start gap-2 border-b border-line bg-bad-soft px-4 py-1.5 text-sm text-pretty text-bad">
      <Unplug aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      <span>
        {t(`contact.disconnected.${connection.state}`, { name: connection.name })} {t(user.role === 'admin' ? 'contact.disconnected.yours' : 'contact.disconnected.ask')}
      </span>
    </p>
  );
}
