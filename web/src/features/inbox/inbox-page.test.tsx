import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { renderApp } from '@/test/app';

/** The row of a contact in the list of conversations. */
async function rowOf(name: string) {
  return (await screen.findAllByRole('link')).find((link) => link.hasAttribute('data-conversation') && within(link).queryByText(name) !== null)!;
}

describe('the list of conversations', () => {
  it('shows where a flow waits for the contact, and only there (rules 079, 180)', async () => {
    renderApp('/conversas?visao=todos');
    await screen.findByText('Marina Albuquerque');
    expect(within(await rowOf('Marina Albuquerque')).getByRole('img', { name: 'Fluxo aguardando o contato' })).toBeVisible();
    expect(within(await rowOf('Cláudia Ferraz')).queryByRole('img', { name: 'Fluxo aguardando o contato' })).toBeNull();
  });

  it('counts the time without a reply while people serve, and ends with the reply (rules 103, 105)', async () => {
    const { api } = renderApp('/conversas?visao=todos', (each) => {
      // The list's clock goes in steps of half a minute.
      each.conversations[3]!.first_unanswered_at = new Date(Date.now() - 40.75 * 60_000).toISOString();
    });
    await screen.findByText('Rafael Teixeira de Sousa');
    expect(within(await rowOf('Rafael Teixeira de Sousa')).getByTitle(/^Sem resposta há 40/)).toBeVisible();
    const answered = { ...api.conversations[3]! };
    delete answered.first_unanswered_at;
    api.conversations[3] = answered;
    api.event('conversation.updated', answered.id, answered.id);
    await waitFor(async () => expect(within(await rowOf('Rafael Teixeira de Sousa')).queryByTitle(/^Sem resposta/)).toBeNull());
  });
});

describe('the no-reply counter', () => {
  afterEach(() => vi.useRealTimers());

  it('goes on by itself, and hides while no ticket is open (rules 106, 108)', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true, toFake: ['Date', 'setInterval', 'clearInterval'] });
    const { api } = renderApp('/conversas?visao=todos', (each) => {
      each.conversations[3]!.first_unanswered_at = new Date(Date.now() - 10.75 * 60_000).toISOString();
    });
    await screen.findByText('Rafael Teixeira de Sousa');
    const counter = async () => within(await rowOf('Rafael Teixeira de Sousa')).queryByTitle(/^Sem resposta/)?.title;
    expect(await counter()).toMatch(/^Sem resposta há 10/);
    act(() => void vi.advanceTimersByTime(3 * 60_000));
    await waitFor(async () => expect(await counter()).toMatch(/^Sem resposta há 13/));
    const closed = { ...api.conversations[3]! };
    delete closed.ticket;
    api.conversations[3] = closed;
    api.event('conversation.updated', closed.id, closed.id);
    await waitFor(async () => expect(await counter()).toBeUndefined());
  });
});

describe('a conversation and what is known beside it', () => {
  it('names the connection (rule 007)', async () => {
    renderApp('/conversas/1042');
    expect(await screen.findByText(/· Atendimento$/)).toBeVisible();
  });

  it('says in red that the number is disconnected, and what an administrator does (rule 015)', async () => {
    renderApp('/conversas/1042', (api) => {
      api.conversations[0]!.connection = { ...api.conversations[0]!.connection, state: 'removed' };
    });
    expect(await screen.findByText(/^O número Atendimento foi desconectado/)).toHaveTextContent('Veja em Conexões o que fazer.');
  });

  it('names our number in the panel (rule 184)', async () => {
    renderApp('/conversas/1042');
    await screen.findByRole('log');
    await userEvent.click(screen.getByRole('button', { name: 'Mostrar dados da conversa' }));
    expect(await screen.findByText('Nosso número: +55 81 3333-0000')).toBeVisible();
  });

  it('shows how long the session lasts (rule 095)', async () => {
    renderApp('/conversas/1042', (api) => {
      api.conversations[0]!.window_expires_at = new Date(Date.now() + 90 * 60_000).toISOString();
    });
    await screen.findByRole('log');
    await userEvent.click(screen.getByRole('button', { name: 'Mostrar dados da conversa' }));
    const meter = await screen.findByRole('meter', { name: 'Janela de 24 h' });
    expect(meter).toHaveAttribute('aria-valuetext', expect.stringMatching(/^faltam 1 ?h/));
  });

  it('shows a template with its header (rule 119)', async () => {
    renderApp('/conversas/1042', (api) => {
      api.messages[0] = {
        ...api.messages[0]!,
        direction: 'out',
        content: { kind: 'template', header: { kind: 'text', text: 'Oferta da semana' }, text: 'Café com desconto', template: { name: 'oferta', language: 'pt_BR' } },
      };
    });
    const log = await screen.findByRole('log');
    expect(await within(log).findByText('Oferta da semana')).toBeVisible();
    expect(within(log).getByText('Café com desconto')).toBeVisible();
  });
});
