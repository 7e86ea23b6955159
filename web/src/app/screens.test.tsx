import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { problem } from '@/test/mock/api';
import { expectAccessible, renderApp } from '@/test/app';
import { i18next } from '@/i18n';
import { PAGES, type Page } from './pages';
import { setPreferences } from './preferences';
import { setOverlay } from './sheet-state';

afterEach(() => {
  vi.unstubAllGlobals();
  setOverlay('none');
  setPreferences({ singleKeys: true });
});

const pages = Object.entries(PAGES).map(([page, { to, needs }]) => ({ page: page as Page, to, needs }));

async function loaded(container: Element) {
  await waitFor(() => expect(screen.queryByRole('status', { name: 'Carregando…' })).toBeNull());
  await expectAccessible(container);
}

describe('every screen', () => {
  it.each(pages)('$to shows its name and passes axe, and so does the first thing on it', async ({ page, to }) => {
    const { container, router } = renderApp(to);
    expect(await screen.findByRole('heading', { level: 1, name: i18next.t(`nav.${page}`) })).toBeVisible();
    await loaded(container);
    const first = container.querySelector<HTMLAnchorElement>(`main a[href^="${to}/"]`);
    if (!first) return; // a page without things of their own
    fireEvent.click(first);
    await waitFor(() => expect(router.state.location.pathname).toBe(new URL(first.href).pathname));
    await waitFor(() => expect(screen.getAllByRole('heading').length).toBeGreaterThan(0));
    expect(screen.queryByRole('alert')).toBeNull();
    await loaded(container);
  });

  it.each([
    ['/execucoes/42', 'Execução 42'],
    ['/fluxos/7?ver=lista&versao=rascunho', 'Boas-vindas'],
  ])('%s shows “%s” and passes axe', async (path, heading) => {
    const { container } = renderApp(path);
    expect(await screen.findByRole('heading', { level: 1, name: heading })).toBeVisible();
    await loaded(container);
  });

  it.each(pages.filter(({ needs }) => needs !== ''))('$to says what went wrong and loads again when asked', async ({ to }) => {
    const user = userEvent.setup();
    const operation = /^\/v1\/(?!sign-in|account)/;
    let broken = true;
    renderApp(to, (api) => {
      const answer = api.answer.bind(api);
      api.answer = (method, url, body) =>
        broken && operation.test(url.pathname) ? problem(503, 'unavailable', 'The database does not answer now: try again.') : answer(method, url, body);
    });
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('Não deu para carregar');
    expect(alert).toHaveTextContent('unavailable · HTTP 503 · req_9f2c41d0');
    broken = false;
    await user.click(within(alert).getByRole('button', { name: 'Tentar de novo' }));
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  });

  it('say in the reader’s language why something is in quarantine, and what to do', async () => {
    renderApp('/quarentena');
    const row = (await screen.findByText(/^É de um número que não é o desta conexão/)).closest('li')!;
    expect(row).toHaveTextContent('Confira o número da conexão aqui e o endereço de webhook na Meta.');
    expect(within(row).getByText(/^names a phone number/)).toHaveAttribute('lang', 'en');
    const tried = screen.getByText(/^Último erro/).closest('li')!;
    expect(tried).toHaveTextContent('Último erro: Falta o identificador, ou ele não serve. (the message has no id)');
  });

  it('teaches when there is nothing yet', async () => {
    renderApp('/conversas?visao=todos', (api) => api.conversations.splice(0));
    expect(await screen.findByText('Nenhuma conversa ainda')).toBeVisible();
    expect(screen.getByText(/mande “Oi” pelo celular simulado/)).toBeVisible();
  });
});

describe('signing in', () => {
  it('exchanges a one-time link and forgets the token at once', async () => {
    const replace = vi.spyOn(history, 'replaceState');
    const { router, requests } = renderApp('/entrar#t=segredo-de-uma-vez-so', (api) => (api.signedIn = false));
    await waitFor(() => expect(router.state.location.pathname).toBe('/conversas'));
    expect(replace.mock.calls.map(([, , address]) => address)).toContain('/entrar');
    expect(requests.filter((each) => each === 'POST /v1/sign-in/link')).toHaveLength(1);
    expect(requests.join()).not.toContain('segredo');
  });

  it('asks whoever is signed in already before it uses a link', async () => {
    const user = userEvent.setup();
    const { router, requests, container } = renderApp('/entrar#t=segredo-de-uma-vez-so');
    expect(await screen.findByText(/Você já entrou, como/)).toBeVisible();
    expect(requests.filter((each) => each.startsWith('POST'))).toEqual([]);
    await expectAccessible(container);
    await user.click(screen.getByRole('button', { name: 'Usar o link' }));
    await waitFor(() => expect(router.state.location.pathname).toBe('/conversas'));
    expect(requests.filter((each) => each === 'POST /v1/sign-in/link')).toHaveLength(1);
  });

  it('lets whoever is signed in stay so, and leaves the link alone', async () => {
    const user = userEvent.setup();
    const { router, requests } = renderApp('/entrar#t=segredo-de-uma-vez-so');
    await user.click(await screen.findByRole('button', { name: /Continuar como/ }));
    await waitFor(() => expect(router.state.location.pathname).toBe('/conversas'));
    expect(requests.filter((each) => each.startsWith('POST'))).toEqual([]);
  });

  it('says so when e-mail and password do not match, and signs in when they do', async () => {
    const user = userEvent.setup();
    const { router, container } = renderApp('/fluxos', (api) => (api.signedIn = false));
    await user.type(await screen.findByLabelText('E-mail'), 'ana@loja.exemplo');
    await user.type(screen.getByLabelText('Senha'), 'errada');
    await user.click(screen.getByRole('button', { name: 'Entrar' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('E-mail ou senha não conferem');
    await expectAccessible(container);
    await user.clear(screen.getByLabelText('Senha'));
    await user.type(screen.getByLabelText('Senha'), 'certa');
    await user.click(screen.getByRole('button', { name: 'Entrar' }));
    await waitFor(() => expect(router.state.location.pathname).toBe('/fluxos'));
  });

  it('asks for both before it asks the server', async () => {
    const user = userEvent.setup();
    const { requests } = renderApp('/entrar', (api) => (api.signedIn = false));
    await user.click(await screen.findByRole('button', { name: 'Entrar' }));
    expect(screen.getByRole('alert')).toHaveTextContent('Preencha o e-mail e a senha.');
    expect(requests.filter((each) => each.startsWith('POST'))).toEqual([]);
  });
});

describe('an open conversation', () => {
  it('shows every message, what became of it, and what is known beside it', async () => {
    const { container } = renderApp('/conversas/1042');
    const log = await screen.findByRole('log');
    expect(within(log).getByText('--- Mensagem template não enviada, verifique o fluxo ---')).toBeVisible();
    expect(within(log).getByText('Mensagem interna, não será enviada para o contato')).toBeVisible();
    expect(within(log).getByText('Enviada via WhatsApp Business')).toBeVisible();
    expect(within(log).getByRole('link', { name: /nota-fiscal-20931/ })).toHaveAttribute('href', '/v1/media/3/content');
    expect(await within(log).findByText(/em geral o número não tem WhatsApp ativo/)).toBeVisible(); // its words load by themselves
    expect(within(log).getByRole('img', { name: 'Reagiu com 😢' })).toBeVisible();
    await expectAccessible(container);
  });

  it('shows the system’s fields and the account’s own under the names people know (rules 185, 201)', async () => {
    renderApp('/conversas/1042');
    await screen.findByRole('log');
    await userEvent.click(screen.getByRole('button', { name: 'Mostrar dados da conversa' }));
    const panel = await screen.findByRole('dialog', { name: 'Dados da conversa' });
    expect(await within(panel).findByText('CPF')).toBeVisible();
    expect(await within(panel).findByText('Último pedido')).toBeVisible();
    expect(within(panel).queryByText('custom')).toBeNull();
  });

  it('takes in a new message and a status once, live, and tells it aloud', async () => {
    const { api } = renderApp('/conversas/1042');
    const log = await screen.findByRole('log');
    act(() => void api.say('Chegou agora'));
    expect(await within(log).findByText('Chegou agora')).toBeVisible();
    act(() => api.event('message.created', 900, api.messages[0]?.id ?? 0));
    await waitFor(() => expect(screen.getByText('Nova mensagem de Marina Albuquerque: Chegou agora')).toBeInTheDocument());
    expect(within(log).getAllByText('Chegou agora')).toHaveLength(1);

    const sent = api.messages.find((each) => each.status === 'sent');
    act(() => api.change(sent?.id ?? 0, { status: 'read', read_at: new Date().toISOString() }));
    const bubble = document.getElementById(`m-${sent?.id}`);
    await waitFor(() => expect(within(bubble!).getByRole('button', { name: 'Situação da mensagem: Lida' })).toBeVisible());
  });

  it('marks what was seen as read (rule 081)', async () => {
    const { requests } = renderApp('/conversas/1041');
    await screen.findByRole('log');
    await waitFor(() => expect(requests).toContain('POST /v1/conversations/901/read'));
  });

  it('is found by its id too, as Temporal Web links to it', async () => {
    const { router } = renderApp('/conversa/901');
    await waitFor(() => expect(router.state.location.pathname).toBe('/conversas/1041'));
    expect(await screen.findByRole('log')).toBeVisible();
  });

  it('says that a number nobody has does not exist', async () => {
    renderApp('/conversas/999999');
    expect(await screen.findByRole('alert')).toHaveTextContent('Isto não existe mais');
  });
});

describe('the keyboard', () => {
  it('goes places by sequences, walks the list, and obeys the switch (WCAG 2.1.4)', async () => {
    const user = userEvent.setup();
    const { router } = renderApp('/conversas?visao=todos');
    await screen.findByRole('link', { name: /Marina Albuquerque/ });
    await user.keyboard('gf');
    await waitFor(() => expect(router.state.location.pathname).toBe('/fluxos'));
    act(() => setPreferences({ singleKeys: false }));
    await user.keyboard('gc');
    expect(router.state.location.pathname).toBe('/fluxos');
    await user.keyboard('{Control>}k{/Control}');
    expect(await screen.findByRole('combobox', { name: 'Barra de comandos' })).toHaveFocus();
  });

  it('moves the focus at once, so that no key typed after it is lost', async () => {
    const { router } = renderApp('/conversas?visao=todos');
    await screen.findByRole('link', { name: /Marina Albuquerque/ });
    const rows = within(screen.getByRole('region', { name: 'Lista de conversas' }))
      .getAllByRole('link')
      .filter((link) => link.hasAttribute('data-conversation'));
    fireEvent.keyDown(document.body, { key: 'j', code: 'KeyJ' });
    expect(rows[0]).toHaveFocus();
    fireEvent.keyDown(rows[0]!, { key: 'j', code: 'KeyJ' });
    expect(rows[1]).toHaveFocus();
    fireEvent.keyDown(rows[1]!, { key: 'k', code: 'KeyK' });
    expect(rows[0]).toHaveFocus();
    fireEvent.keyDown(rows[0]!, { key: 'o', code: 'KeyO' });
    await waitFor(() => expect(router.state.location.pathname).toBe(new URL(rows[0]!.getAttribute('href')!, location.href).pathname));
  });

  it('opens the sheet of shortcuts with ?, but not from a field', async () => {
    const user = userEvent.setup();
    renderApp('/conversas?visao=todos');
    await user.click(await screen.findByRole('searchbox'));
    await user.keyboard('?');
    expect(screen.queryByRole('dialog')).toBeNull();
    await user.tab();
    await user.keyboard('?');
    expect(await screen.findByRole('dialog', { name: 'Atalhos do teclado' })).toBeVisible();
  });

  it('finds a conversation by its number in the command bar', async () => {
    const user = userEvent.setup();
    const { router } = renderApp('/fluxos');
    await screen.findByRole('heading', { name: 'Fluxos' });
    await user.keyboard('{Control>}k{/Control}');
    await user.type(await screen.findByRole('combobox'), '1040');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(router.state.location.pathname).toBe('/conversas/1040'));
  });
});

describe('the command bar', () => {
  it('goes to the page that matches, and searches when none does', async () => {
    const user = userEvent.setup();
    const { router } = renderApp('/fluxos');
    await screen.findByRole('heading', { name: 'Fluxos' });
    await user.keyboard('{Control>}k{/Control}');
    await user.type(await screen.findByRole('combobox'), 'conex');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(router.state.location.pathname).toBe('/conexoes'));
    await user.keyboard('{Control>}k{/Control}');
    await user.type(await screen.findByRole('combobox'), 'padaria');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(router.state.location.search).toEqual({ busca: 'padaria' }));
  });
});

describe('the connection to the server', () => {
  it('says when changes do not come in, and offers to resync (rule 084)', async () => {
    const { dropSockets } = renderApp('/conversas?visao=todos');
    await screen.findByRole('link', { name: /Marina Albuquerque/ });
    act(() => dropSockets());
    expect(await screen.findByRole('button', { name: 'Ressincronizar' })).toBeVisible();
  });
});
