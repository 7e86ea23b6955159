import { useTranslation } from 'react-i18next';
import { usePresent } from '@/api/live/presence';
import { useMe } from '@/api/queries/sign-in';

/** Says who else writes to the contact now. */
export function useWriting(conversation: number): string {
  const { t } = useTranslation();
  const { user } = useMe();
  const names = usePresent(conversation).flatMap(({ id, name, state }) => (id !== user.id && state === 'writing' ? [name] : []));
  if (names.length === 0) return '';
  return names.length === 1 ? t('together.writes', { name: names[0] ?? '' }) : t('together.write', { names: names.join(', ') });
}
