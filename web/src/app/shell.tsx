import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { MessageSquarePlus, Search } from 'lucide-react';
import { Fragment, lazy, Suspense, useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { LiveProvider } from '@/api/live/provider';
import { useMe } from '@/api/queries/sign-in';
import { Avatar } from '@/components/avatar';
import { Mark } from './brand';
import { useCommands } from './commands';
import { LiveBanner } from './live-banner';
import { PAGES, usePages, type Page } from './pages';
import { setPreferences } from './preferences';
import { setOverlay, useOverlay } from './sheet-state';
import { modName, useKeys } from './shortcuts';

// Opened by a key: not part of what the inbox waits for.
const loadCommandBar = () => import('./command-bar');
const CommandBar = lazy(loadCommandBar);
const ShortcutSheet = lazy(() => import('./shortcut-sheet'));
const StartDialog = lazy(() => import('@/features/inbox/start-dialog'));
const Toasts = lazy(() => import('@/components/toasts'));
const PreferencesSync = lazy(() => import('./preferences-sync'));
const Sounds = lazy(() => import('./sounds'));
const TakenNotice = lazy(() => import('./taken-notice'));
const loadBell = () => import('@/features/bell/bell-button');
const BellButton = lazy(loadBell);
const BellWatch = lazy(async () => ({ default: (await loadBell()).BellWatch }));
const BellSheet = lazy(() => import('@/features/bell/bell-sheet'));

function toggleTheme() {
  setPreferences({ theme: document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark' });
}

function PageLink({ page, className }: { page: Page; className: string }) {
  const { t } = useTranslation();
  const { to, icon: Icon, key } = PAGES[page];
  return (
    <Link to={to} className={className} activeProps={{ 'data-active': true }} title={`${t(`nav.${page}`)} (g ${key})`}>
      <Icon aria-hidden="true" className="size-5" />
      <span>{t(`nav.${page}`)}</span>
    </Link>
  );
}

/** The frame of every screen behind the sign-in: rail (a bar below on phones), live updates, command bar, shortcuts. */
export function Shell() {
  return (
    <LiveProvider>
      <Frame />
      <Suspense>
        <Toasts />
        <PreferencesSync />
        <Sounds />
        <TakenNotice />
        <BellWatch />
      </Suspense>
    </LiveProvider>
  );
}

function Frame() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const pages = usePages();
  const me = useMe();
  const { overlay, at } = useOverlay();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const inConversation = /^\/conversas\/\d+/.test(path);

  const keyMap = useMemo(() => {
    const go = Object.fromEntries(pages.map((page) => [`g ${PAGES[page].key}`, () => void navigate({ to: PAGES[page].to })]));
    return {
      ...go,
      'g n': () => setOverlay('bell'),
      '$mod+k': () => setOverlay('commands'),
      '$mod+/': () => setOverlay('shortcuts'),
      '?': () => setOverlay('shortcuts'),
      'Shift+D': toggleTheme,
    };
  }, [pages, navigate]);
  useKeys(keyMap);
  const mayStart = me.permissions.includes('messages:send');
  useCommands(
    useMemo(
      () => ({
        heading: t('shortcuts.groups.anywhere'),
        commands: mayStart
          ? [{ id: 'start', words: t('start.command'), hint: t('start.commandHint'), also: t('start.commandAlso'), icon: MessageSquarePlus, keys: 'c', run: () => setOverlay('start') }]
          : [],
      }),
      [t, mayStart],
    ),
  );

  // It is fetched while nothing else is, so that whoever types right after Mod+K loses no letter.
  useEffect(() => {
    // Without a server it is fetched when it is opened.
    const timer = setTimeout(() => void loadCommandBar().catch(() => undefined), 2000);
    return () => clearTimeout(timer);
  }, []);

  // A new screen begins at its heading for those who hear it.
  useEffect(() => {
    const focused = document.activeElement;
    if (focused === document.body) document.getElementById('content')?.focus({ preventScroll: true });
  }, [path]);

  return (
    <div className="flex h-full flex-col md:flex-row">
      <a
        href="#content"
        className="absolute top-2 left-2 z-50 -translate-y-20 rounded-lg bg-accent px-4 py-2 font-medium text-on-accent focus-visible:translate-y-0"
      >
        {t('app.skip')}
      </a>
      <nav aria-label={t('app.menu')} className="hidden w-20 shrink-0 flex-col items-center gap-1 border-r border-line bg-surface py-3 md:flex">
        <Link to="/conversas" aria-label="Perene" className="mb-2">
          <Mark className="size-9" />
        </Link>
        <button
          type="button"
          onClick={() => setOverlay('commands')}
          aria-label={t('app.search')}
          title={`${t('app.search')} (${modName()}+K)`}
          className={ROUND}
        >
          <Search aria-hidden="true" className="size-4.5" />
        </button>
        {mayStart && (
          <button
            type="button"
            onClick={() => setOverlay('start')}
            aria-label={t('start.command')}
            aria-keyshortcuts="c"
            title={`${t('start.command')} (c)`}
            className="mb-1 inline-flex size-10 items-center justify-center rounded-xl bg-accent text-on-accent hover:bg-accent-strong"
          >
            <MessageSquarePlus aria-hidden="true" className="size-4.5" />
          </button>
        )}
        <Suspense fallback={<span className="mb-1 size-10" />}>
          <BellButton className={ROUND} />
        </Suspense>
        {pages
          .filter((page) => page !== 'settings')
          .map((page) => (
            <PageLink key={page} page={page} className={RAIL} />
          ))}
        <div className="mt-auto flex flex-col items-center gap-1">
          <PageLink page="settings" className={RAIL} />
          <span title={`${me.user.name} · ${me.account.name}`} className="mt-1">
            <Avatar name={me.user.name} seed={me.user.id} className="size-8 text-xs" />
          </span>
        </div>
      </nav>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <LiveBanner />
        <main id="content" tabIndex={-1} className="min-h-0 flex-1 outline-none">
          <Outlet />
        </main>
      </div>
      <nav
        aria-label={t('app.menu')}
        className={`grid auto-cols-[minmax(4.5rem,1fr)] grid-flow-col overflow-x-auto overscroll-x-contain border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden ${inConversation ? 'hidden' : ''}`}
      >
        {pages
          .filter((page) => page !== 'quarantine')
          .map((page, place) => (
            <Fragment key={page}>
              <PageLink page={page} className={TAB} />
              {place === 0 && (
                <Suspense fallback={<span />}>
                  <BellButton className={TAB} tab />
                </Suspense>
              )}
            </Fragment>
          ))}
      </nav>
      <Suspense>
        {overlay === 'commands' && <CommandBar key={at ?? ''} at={at} onClose={() => setOverlay('none')} />}
        {overlay === 'bell' && <BellSheet onClose={() => setOverlay('none')} />}
        {overlay === 'start' && <StartDialog key={at ?? ''} phone={at} onClose={() => setOverlay('none')} />}
        {overlay === 'shortcuts' && <ShortcutSheet open onOpenChange={(open) => setOverlay(open ? 'shortcuts' : 'none')} />}
      </Suspense>
    </div>
  );
}

const RAIL =
  'flex w-17 flex-col items-center gap-0.5 rounded-xl px-1 py-2 text-[0.6875rem] leading-tight font-medium text-muted hover:bg-sunken hover:text-ink data-active:bg-accent-soft data-active:text-accent-strong';
const ROUND = 'mb-1 inline-flex size-10 items-center justify-center rounded-xl border border-line text-muted hover:bg-sunken hover:text-ink';
const TAB =
  'flex min-h-14 flex-col items-center justify-center gap-0.5 text-[0.6875rem] font-medium text-muted -outline-offset-2 data-active:text-accent-strong';
