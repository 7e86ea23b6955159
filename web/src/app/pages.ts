import { CalendarClock, Megaphone, MessagesSquare, Plug, Settings, ShieldAlert, UsersRound, Waypoints, Workflow, type LucideIcon } from 'lucide-react';
import { useMe } from '@/api/queries/sign-in';

/**
 * The pages of the console, in the order of the rail. A page needs its entry here, its route, and its name in the texts: the
 * rail, the keys, the command bar, the tests of every screen and their pictures follow.
 */
export const PAGES = {
  conversations: { to: '/conversas', key: 'c', icon: MessagesSquare, needs: 'conversations:read' },
  contacts: { to: '/contatos', key: 'p', icon: UsersRound, needs: 'contacts:read' },
  scheduled: { to: '/agendamentos', key: 'a', icon: CalendarClock, needs: 'conversations:read' },
  broadcasts: { to: '/transmissoes', key: 't', icon: Megaphone, needs: 'broadcasts:read' },
  runs: { to: '/execucoes', key: 'e', icon: Waypoints, needs: 'flow_runs:read' },
  flows: { to: '/fluxos', key: 'f', icon: Workflow, needs: 'flows:read' },
  connections: { to: '/conexoes', key: 'x', icon: Plug, needs: 'connections:read' },
  quarantine: { to: '/quarentena', key: 'q', icon: ShieldAlert, needs: 'quarantine:read' },
  settings: { to: '/ajustes', key: 's', icon: Settings, needs: '' },
} as const satisfies Record<string, { to: string; key: string; icon: LucideIcon; needs: string }>;

/** A page's name. */
export type Page = keyof typeof PAGES;

/** The pages this user's permissions open. */
export function usePages(): Page[] {
  const permissions = useMe().permissions;
  return (Object.keys(PAGES) as Page[]).filter((page) => {
    const { needs } = PAGES[page];
    return needs === '' || permissions.includes(needs);
  });
}

