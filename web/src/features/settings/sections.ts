import { CircleCheckBig, MessageSquareText, Tags, TextCursorInput, UserRound, UsersRound, type LucideIcon } from 'lucide-react';
import { useMe } from '@/api/queries/sign-in';
import type { Me } from '@/api/types';
import type { Section } from './search';

/** What each section needs; the profile is everybody's. */
const SECTIONS: Record<Section, { icon: LucideIcon; needs: Me['permissions'][number] | '' }> = {
  perfil: { icon: UserRound, needs: '' },
  filas: { icon: UsersRound, needs: 'settings:manage' },
  etiquetas: { icon: Tags, needs: 'labels:manage' },
  campos: { icon: TextCursorInput, needs: 'settings:manage' },
  motivos: { icon: CircleCheckBig, needs: 'settings:manage' },
  respostas: { icon: MessageSquareText, needs: 'messages:send' },
};

/** The sections that this user's permissions open. */
export function useSections(): { name: Section; icon: LucideIcon }[] {
  const { permissions } = useMe();
  return (Object.keys(SECTIONS) as Section[])
    .map((name) => ({ name, ...SECTIONS[name] }))
    .filter(({ needs }) => needs === '' || permissions.includes(needs));
}
