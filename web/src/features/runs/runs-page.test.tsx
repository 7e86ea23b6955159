import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { expectAccessible, renderApp } from '@/test/app';

describe('the list of runs', () => {
  it('finds those that wait at a node for longer than a time', async () => {
    const { router } = renderApp('/execucoes');
    const user = userEvent.setup();
    expect(await screen.findAllByRole('listitem')).not.toHaveLength(1);
    await user.selectOptions(screen.getByRole('combobox', { name: 'Esperando há pelo menos' }), 'Há 1 hora ou mais');
    await waitFor(() => expect(screen.getAllByText(/^No nó /)).toHaveLength(1));
    await user.type(screen.getByRole('searchbox', { name: 'Id do nó' }), 'menu{Enter}');
    await waitFor(() => expect(router.state.location.search).toMatchObject({ minutos: 60, no: 'menu' }));
    expect(await screen.findByRole('button', { name: 'Limpar filtros' })).toBeVisible();
  });
});

describe('the way of a run', () => {
  it('ends with words for its end, and names outputs by theirs', async () => {
    renderApp('/execucoes/38');
    expect(await screen.findByText('Abre atendimento no Suporte')).toBeVisible();
    expect(screen.getByRole('heading', { name: 'Abriu atendimento' })).toBeVisible();
    expect(screen.queryByText('abriu um atendimento')).toBeNull(); // the end says why
    const way = screen.getAllByRole('listitem').map((item) => item.textContent);
    expect(way).toContain('Abre atendimento no Suporte · Abriu atendimento');
    expect(way).toContain('Consulta o pedido · saída: recusada');
    expect(way).toContain('Menu principal · saída: stopped'); // a choice of that name
  });
});

describe('the way of a run on its flow', () => {
  it('is lit on its own version, with its variables hidden until asked for', async () => {
    const user = userEvent.setup();
    const { router } = renderApp('/execucoes/38');
    await user.click(await screen.findByRole('link', { name: 'Ver no fluxo' }));
    await waitFor(() => expect(router.state.location.search).toMatchObject({ execucao: 38 }));
    const aside = await screen.findByRole('complementary', { name: 'Caminho da conversa' });
    expect(aside).toHaveTextContent('Menu principal');
    expect(aside).toHaveTextContent('•••');
    await expectAccessible(aside);
  });
});
