import { CircleCheckBig, Clock, Gauge, Images, MessageCircleReply, MessageSquareText, Star, Tags, TextCursorInput, UserRound, UsersRound, Webhook, type LucideIcon } from 'lucide-react';
import { useMe } from '@/api/queries/sign-in';
import type { Me } from '@/api/types';
import type { Section } from './search';

/** What each section needs; the profile is everybody's. */
const SECTIONS: Record<Section, { icon: LucideIcon; needs: Me['permissions'][number] | '' }> = {
  perfil: { icon: UserRound, needs: '' },
  filas: { icon: UsersRound, needs: 'settings:manage' },
  horarios: { icon: Clock, needs: 'settings:manage' },
  textos: { icon: MessageCircleReply, needs: 'settings:manage' },
  etiquetas: { icon: Tags, needs: 'labels:manage' },
  campos: { icon: TextCursorInput, needs: 'settings:manage' },
  motivos: { icon: CircleCheckBig, needs: 'settings:manage' },
  avaliacoes: { icon: Star, needs: 'settings:manage' },
  biblioteca: { icon: Images, needs: 'settings:manage' },
  respostas: { icon: MessageSquareText, needs: 'messages:send' },
  integracoes: { icon: Webhook, needs: 'settings:manage' },
  limites: { icon: Gauge, needs: 'tokens:manage' },
};

/** The sections that this user's permissions open. */
export function useSections(): { name: Section; icon: LucideIcon }[] {
  const { permissions } = useMe();
  return (Object.keys(SECTIONS) as Section[])
    .map((name) => ({ name, ...SECTIONS[name] }))
    .filter(({ needs }) => needs === '' || permissions.includes(needs));
}
