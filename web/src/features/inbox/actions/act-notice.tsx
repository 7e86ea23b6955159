import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '@/api/types';
import { IconButton } from '@/components/button';
import { setNotice, useNotice } from './notices';

/** Under the header: why the last thing was refused, or that it is still to be done. */
export function ActNotice({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const notice = useNotice(conversation.id);
  if (!notice) return null;
  const refused = notice.tone === 'refused';
  return (
    <div role={refused ? 'alert' : 'status'} className={`flex items-center gap-2 border-b border-line py-1 pr-2 pl-4 text-sm ${refused ? 'bg-bad-soft text-bad' : 'bg-info-soft text-info'}`}>
      <p className="min-w-0 flex-1">{notice.words}</p>
      <IconButton label={t('acts.dismiss')} className="size-7 text-current" onClick={() => setNotice(conversation.id, undefined)}>
        <X aria-hidden="true" className="size-4" />
      </IconButton>
    </div>
  );
}
