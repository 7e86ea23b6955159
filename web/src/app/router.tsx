import { useQueryErrorResetBoundary, type QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Link,
  Outlet,
  redirect,
  useParams,
  type AnyRoute,
  type ErrorComponentProps,
  type RouterHistory,
  useLocation,
} from '@tanstack/react-router';
import { Compass, Unplug } from 'lucide-react';
import { lazy, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { z } from 'zod/mini';
import { ApiError } from '@/api/problem';
import { readConversation } from '@/api/queries/conversations';
import { meQuery } from '@/api/queries/sign-in';
import { Button } from '@/components/button';
import { EmptyState, ErrorState } from '@/components/view-state';
import { broadcastSearch } from '@/features/broadcasts/search';
import { contactsSearch } from '@/features/contacts/search';
import { designerSearch, flowSearch } from '@/features/flows/search';
import { inboxSearch } from '@/features/inbox/search';
import { scheduledSearch } from '@/features/scheduled/search';
import { quarantineSearch } from '@/features/quarantine/search';
import { runsSearch } from '@/features/runs/search';
import { settingsSearch } from '@/features/settings/search';
import { Shell } from './shell';

const InboxPage = lazy(() => import('@/features/inbox/inbox-page'));
const RunPage = lazy(() => import('@/features/runs/run-page'));
const FlowPage = lazy(() => import('@/features/flows/flow-page'));
const DesignerPage = lazy(() => import('@/features/flows/designer/designer-page'));
const BroadcastPage = lazy(() => import('@/features/broadcasts/broadcast-page'));
const SignInPage = lazy(() => import('@/features/sign-in/sign-in-page'));

/** What every route can reach. */
interface RouterContext {
  client: QueryClient;
}

function NotFound() {
  const { t } = useTranslation();
  return (
    <EmptyState icon={Compass} title={t('app.notFound')} hint={t('app.notFoundHint')}>
      <Link to="/conversas" className="font-medium text-accent-strong underline underline-offset-4">
        {t('nav.conversations')}
      </Link>
    </EmptyState>
  );
}

function Crashed({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  const queries = useQueryErrorResetBoundary();
  useEffect(() => queries.reset(), [queries]);
  if (error instanceof ApiError) return <ErrorState error={error} onRetry={reset} />;
  return (
    <EmptyState icon={Unplug} title={t('app.crashed')} hint={t('app.crashedHint')}>
      <code className="max-w-md rounded-lg bg-sunken px-3 py-2 text-left text-xs break-all text-muted">{error instanceof Error ? error.message : String(error)}</code>
      <Button look="primary" onClick={() => location.reload()}>
        {t('app.reload')}
      </Button>
    </EmptyState>
  );
}

const root = createRootRouteWithContext<RouterContext>()({ component: Outlet, notFoundComponent: NotFound, errorComponent: Crashed });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/entrar',
  validateSearch: z.object({
    voltar: z.catch(z.optional(z.string()), undefined),
    motivo: z.catch(z.optional(z.enum(['saiu', 'venceu'])), undefined),
  }),
  component: function SignIn() {
    const hash = useLocation({ select: (location) => location.hash });
    return <SignInPage search={signIn.useSearch()} token={new URLSearchParams(hash).get('t') ?? undefined} />;
  },
});

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.ensureQueryData(meQuery);
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- the router's way to redirect
      if (error instanceof ApiError && error.status === 401) throw redirect({ to: '/entrar', search: { voltar: location.href } });
      throw error;
    }
  },
  component: Shell,
  errorComponent: Crashed,
});

const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the router's way to redirect
    throw redirect({ to: '/conversas', replace: true });
  },
});

const conversations = createRoute({
  getParentRoute: () => shell,
  path: '/conversas',
  validateSearch: inboxSearch,
  // One component for the list and for a conversation, so that opening one leaves the list as it is.
  component: function Inbox() {
    const { number } = useParams({ strict: false });
    const parsed = number !== undefined && /^\d{1,15}$/.test(number) ? Number(number) : undefined;
    return <InboxPage search={conversations.useSearch()} number={parsed} />;
  },
});

const conversationList = createRoute({ getParentRoute: () => conversations, path: '/' });
const conversation = createRoute({ getParentRoute: () => conversations, path: '$number' });

// The address of before, which other systems link to (rule 243).
const phoneLink = createRoute({
  getParentRoute: () => shell,
  path: '/dashboard/chat',
  validateSearch: z.object({ target_phone: z.catch(z.optional(z.union([z.string(), z.number()])), undefined) }),
  beforeLoad: ({ search }) => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the router's way to redirect
    throw redirect({ to: '/conversas', search: search.target_phone === undefined ? {} : { telefone: String(search.target_phone) }, replace: true });
  },
});

// Temporal Web links here: workflows know a conversation's id, people its number.
const conversationById = createRoute({
  getParentRoute: () => shell,
  path: '/conversa/$id',
  beforeLoad: async ({ params }) => {
    const { number } = await readConversation(Number(params.id));
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the router's way to redirect
    throw redirect({ to: '/conversas/$number', params: { number: String(number) }, replace: true });
  },
});

const runs = createRoute({
  getParentRoute: () => shell,
  path: '/execucoes',
  validateSearch: runsSearch,
  component: lazyRouteComponent(() => import('@/features/runs/runs-page')),
});

const run = createRoute({
  getParentRoute: () => shell,
  path: '/execucoes/$id',
  component: function Run() {
    return <RunPage id={Number(run.useParams().id)} />;
  },
});

const flows = createRoute({
  getParentRoute: () => shell,
  path: '/fluxos',
  component: lazyRouteComponent(() => import('@/features/flows/flows-page')),
});

const flow = createRoute({
  getParentRoute: () => shell,
  path: '/fluxos/$id',
  validateSearch: flowSearch,
  component: function Flow() {
    return <FlowPage id={Number(flow.useParams().id)} search={flow.useSearch()} />;
  },
});

const designer = createRoute({
  getParentRoute: () => shell,
  path: '/fluxos/$id/editar',
  validateSearch: designerSearch,
  component: function DesignedFlow() {
    return <DesignerPage id={Number(designer.useParams().id)} search={designer.useSearch()} />;
  },
});

const connections = createRoute({
  getParentRoute: () => shell,
  path: '/conexoes',
  component: lazyRouteComponent(() => import('@/features/connections/connections-page')),
});

const quarantine = createRoute({
  getParentRoute: () => shell,
  path: '/quarentena',
  validateSearch: quarantineSearch,
  component: lazyRouteComponent(() => import('@/features/quarantine/quarantine-page')),
});

const scheduled = createRoute({
  getParentRoute: () => shell,
  path: '/agendamentos',
  validateSearch: scheduledSearch,
  component: lazyRouteComponent(() => import('@/features/scheduled/scheduled-page')),
});

const contacts = createRoute({
  getParentRoute: () => shell,
  path: '/contatos',
  validateSearch: contactsSearch,
  component: lazyRouteComponent(() => import('@/features/contacts/contacts-page')),
});

const broadcasts = createRoute({
  getParentRoute: () => shell,
  path: '/transmissoes',
  component: lazyRouteComponent(() => import('@/features/broadcasts/broadcasts-page')),
});

const broadcast = createRoute({
  getParentRoute: () => shell,
  path: '/transmissoes/$id',
  validateSearch: broadcastSearch,
  component: function Broadcast() {
    return <BroadcastPage id={broadcast.useParams().id} search={broadcast.useSearch()} />;
  },
});

const settings = createRoute({
  getParentRoute: () => shell,
  path: '/ajustes',
  validateSearch: settingsSearch,
  component: lazyRouteComponent(() => import('@/features/settings/settings-page')),
});

const tree = root.addChildren([
  signIn,
  shell.addChildren([
    home,
    conversations.addChildren([conversationList, conversation]),
    conversationById,
    phoneLink,
    runs,
    run,
    flows,
    flow,
    designer,
    connections,
    quarantine,
    contacts,
    scheduled,
    broadcasts,
    broadcast,
    settings,
  ]),
]);

// Only where screens are built: a build for people has neither the route nor the page.
if (import.meta.env.DEV || import.meta.env.VITE_KIT) {
  const kit = createRoute({ getParentRoute: () => root, path: '/kit', component: lazyRouteComponent(() => import('@/kit/kit-page')) });
  (tree.children as unknown as AnyRoute[]).push(kit);
}

/** The console's routes, in Portuguese as people see them. */
export function makeRouter(client: QueryClient, history?: RouterHistory) {
  return createRouter({ routeTree: tree, context: { client }, defaultPreload: 'intent', ...(history && { history }) });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
