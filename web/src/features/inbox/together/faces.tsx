import { PencilLine } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { usePresent } from '@/api/live/presence';
import { useMe } from '@/api/queries/sign-in';
import { Avatar } from '@/components/avatar';

/** So many faces are shown; the rest is a number. */
const SHOWN = 3;

/** The faces of those who look at the conversation too; a pencil on those who write. */
export default function Faces({ conversation }: { conversation: number }) {
  const { t } = useTranslation();
  const { user } = useMe();
  const others = usePresent(conversation).filter(({ id }) => id !== user.id);
  if (others.length === 0) return null;
  const more = others.length - SHOWN;
  return (
    <ul aria-label={t('together.here')} className="flex shrink-0 items-center -space-x-1.5">
      {others.slice(0, SHOWN).map(({ id, name, state }) => {
        const words = t(`together.${state}`, { name });
        return (
          <li key={id} title={words} className="relative rounded-full ring-2 ring-surface max-sm:not-first:hidden">
            <Avatar name={name} seed={id} className="size-7 text-[0.6875rem]" />
            <span className="sr-only">{words}</span>
            {state === 'writing' && (
              <span aria-hidden="true" className="absolute -right-1 -bottom-1 inline-flex size-4 items-center justify-center rounded-full bg-accent text-on-accent">
                <PencilLine className="size-2.5" />
              </span>
            )}
          </li>
        );
      })}
      {more > 0 && <li className="tabular pl-2.5 text-xs text-muted">+{more}</li>}
    </ul>
  );
}
