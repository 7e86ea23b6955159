import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { whenSignedOut } from '@/api/client';
import { ApiError } from '@/api/problem';
import { forgetLastSeen, keepLastSeen, restoreLastSeen } from '@/api/last-seen';
import { conversationKeys } from '@/api/queries/conversations';
import { meKey } from '@/api/queries/sign-in';
import { applyPreferences, onPreferences } from '@/app/preferences';
import { makeRouter } from '@/app/router';
import { showTexts, startTexts } from '@/i18n';
import './styles.css';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // What the client did wrong stays wrong; what the server could not do is tried twice more.
      retry: (failures, error) => failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
    },
  },
});

const router = makeRouter(client);

whenSignedOut(() => {
  if (location.pathname === '/entrar' || client.getQueryData(meKey) === undefined) return;
  // A full load: nothing of the sign-in that ended stays in memory.
  forgetLastSeen();
  location.assign(`/entrar?motivo=venceu&voltar=${encodeURIComponent(location.pathname + location.search)}`);
});

if (location.pathname === '/entrar') forgetLastSeen();
else restoreLastSeen(client, () => location.reload());
addEventListener('pagehide', () => keepLastSeen(client));

applyPreferences();
onPreferences((now, before) => {
  if (now.language === before.language) return;
  void showTexts(now.language);
  // Previews are written by the server in the reader's language.
  void client.invalidateQueries({ queryKey: conversationKeys.all });
});

await startTexts();
createRoot(document.getElementById('root') ?? document.body).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <Suspense>
        <RouterProvider router={router} />
      </Suspense>
    </QueryClientProvider>
  </StrictMode>,
);
