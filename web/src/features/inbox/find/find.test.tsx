import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { expectAccessible, renderApp } from '@/test/app';

const field = () => screen.findByRole('searchbox', { name: 'Buscar nas mensagens' });

describe('the search inside a conversation (rule 086)', () => {
  it('opens by its key, lists hits with who and when, and lights the one it is at', async () => {
    const user = userEvent.setup();
    const { requests, container } = renderApp('/conversas/1042');
    const log = await screen.findByRole('log');
    await user.keyboard('{Control>}f{/Control}');
    const box = await field();
    await waitFor(() => expect(box).toHaveFocus());
    await user.type(box, 'AMANHA');
    const results = await screen.findByRole('list', { name: 'Resultados' });
    const [only, ...others] = within(results).getAllByRole('listitem');
    expect(others).toEqual([]);
    expect(only).toHaveTextContent(/Enviada via WhatsApp Business|Respondi pelo celular/);
    expect(only!.querySelector('mark')).toHaveTextContent('amanhã');
    expect(requests.filter((each) => each.includes('/messages/search'))).toEqual(['GET /v1/conversations/900/messages/search?q=AMANHA&limit=50']);
    expect(within(log).queryByRole('article', { current: true })).toBeNull();
    await user.keyboard('{Enter}');
    expect(await within(log).findByRole('article', { current: true })).toHaveTextContent('a peça chega amanhã');
    expect(screen.getByText(/^1 de 1/)).toBeVisible();
    await expectAccessible(container);
  });

  it('walks with arrows, newest first, and stops at both ends', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/conversas/1042', (each) => {
      each.say('pedido um');
      each.say('pedido dois');
    });
    const log = await screen.findByRole('log');
    await user.keyboard('{Control>}f{/Control}');
    await user.type(await field(), 'pedido');
    const results = await screen.findByRole('list', { name: 'Resultados' });
    const count = within(results).getAllByRole('listitem').length;
    expect(count).toBe(api.messages.filter(({ content }) => /pedido/i.test(content.text || content.media?.caption || '')).length);
    await user.keyboard('{ArrowDown}');
    await waitFor(() => expect(within(log).getByRole('article', { current: true })).toHaveTextContent('pedido dois'));
    await user.keyboard('{ArrowUp}');
    expect(within(log).getByRole('article', { current: true })).toHaveTextContent('pedido dois');
    await user.keyboard('{ArrowDown}');
    await waitFor(() => expect(within(log).getByRole('article', { current: true })).toHaveTextContent('pedido um'));
    expect(within(results).getByRole('button', { current: true })).toHaveTextContent('pedido um');
  });

  it('says when nothing is found, and Escape gives the focus back', async () => {
    const user = userEvent.setup();
    renderApp('/conversas/1042');
    const answer = await screen.findByRole('textbox', { name: /^Resposta para/ });
    await user.click(answer);
    await user.keyboard('{Control>}f{/Control}');
    await user.type(await field(), 'girafa');
    expect(await screen.findByText('Nenhuma mensagem com estas palavras')).toBeVisible();
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('searchbox', { name: 'Buscar nas mensagens' })).toBeNull());
    expect(answer).toHaveFocus();
  });

  it('is in the menu of the conversation, for phones', async () => {
    const user = userEvent.setup();
    renderApp('/conversas/1042');
    await user.click(await screen.findByRole('button', { name: 'Mais ações' }));
    await user.click(await screen.findByRole('menuitem', { name: /^Buscar nesta conversa/ }));
    await waitFor(async () => expect(await field()).toHaveFocus());
  });
});
