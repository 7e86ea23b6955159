import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { MockApi } from '@/test/mock/api';
import { expectAccessible, renderApp } from '@/test/app';

function render(path: string) {
  let api: MockApi | undefined;
  const app = renderApp(path, (made) => (api = made));
  return { ...app, broadcasts: () => api!.broadcasts };
}

describe('a broadcast under way', () => {
  it('says what became of its messages, each figure the way to its rows', async () => {
    const user = userEvent.setup();
    const { container, router } = render('/transmissoes/3');
    expect(await screen.findByRole('heading', { level: 1, name: 'Oferta de maio' })).toBeVisible();
    expect(screen.getByText('1500 de 2400')).toBeVisible();
    expect(screen.getByText('1300 mensagens que a Meta cobra')).toBeVisible();
    await user.click(screen.getByRole('link', { name: /30\s*Falharam/ }));
    await waitFor(() => expect(router.state.location.search).toEqual({ situacao: 'falharam' }));
    const table = await screen.findByRole('table', { name: 'Destinatários' });
    await waitFor(() => expect(within(table).queryByText('Marina Albuquerque')).toBeNull());
    expect(within(table).getByText('código 131026 da Meta')).toBeVisible();
    await expectAccessible(container);
  });

  it('is paused, slowed down and cancelled', async () => {
    const user = userEvent.setup();
    const { broadcasts } = render('/transmissoes/3');
    await user.click(await screen.findByRole('button', { name: 'Pausar' }));
    expect(await screen.findByText('Pausada por uma pessoa.')).toBeVisible();
    await user.click(screen.getByRole('button', { name: '600 por minuto' }));
    const speed = await screen.findByLabelText('Mensagens por minuto');
    await user.clear(speed);
    await user.type(speed, '60{Enter}');
    expect(await screen.findByRole('button', { name: '60 por minuto' })).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Cancelar transmissão' }));
    const sure = await screen.findByRole('dialog', { name: 'Cancelar esta transmissão?' });
    await user.click(within(sure).getByRole('button', { name: 'Cancelar transmissão' }));
    expect(await screen.findByText('Cancelada')).toBeVisible();
    expect(broadcasts().asked.map(({ path }) => path.split('/').at(-1))).toEqual(['pause', '3', 'cancel']);
  });

  it('says why its first test stopped it', async () => {
    render('/transmissoes/2');
    expect(await screen.findByText('O teste inicial parou a transmissão: muitas mensagens falharam.')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Continuar' })).toBeVisible();
  });
});

describe('a new broadcast', () => {
  it('shows who gets it as a real person would, and sends after a question', async () => {
    const user = userEvent.setup();
    const { container, broadcasts } = render('/transmissoes/nova');
    await user.type(await screen.findByLabelText('Nome'), 'Junho');
    expect(screen.getByText('Escolha o público e o modelo para ver quem recebe.')).toBeVisible();
    await user.selectOptions(screen.getByLabelText('Público'), 'Uma lista de números');
    await user.click(screen.getByLabelText('Lista'));
    await user.paste('telefone;nome;mes\n81 98888-0001;Ana;maio\n81 98888-0002;Bia;junho');
    expect(screen.getByText('2 linhas lidas · colunas: {mes}')).toBeVisible();
    await user.selectOptions(await screen.findByLabelText('Modelo'), 'segunda_via · pt_BR');
    await user.click(screen.getByLabelText('Variável nome').parentElement!.parentElement!.querySelector('button')!);
    await user.type(screen.getByLabelText('Variável mes'), '{{mes}');
    await user.type(screen.getByLabelText('Final do link “Abrir o boleto”'), 'abc');
    expect(await screen.findByText('128 pessoas recebem', {}, { timeout: 5000 })).toBeVisible();
    expect(screen.getByText('Como Marina Albuquerque recebe')).toBeVisible();
    await expectAccessible(container);
    await user.click(screen.getByRole('button', { name: 'Enviar' }));
    const sure = await screen.findByRole('dialog', { name: 'Enviar para 128 pessoas?' });
    expect(within(sure).getByText(/fora do preço da Perene/)).toBeVisible(); // rule 102
    await user.click(within(sure).getByRole('button', { name: 'Enviar' }));
    expect(await screen.findByText('Agendada')).toBeVisible();
    const stored = broadcasts().asked.find(({ path }) => path === '/v1/broadcasts')?.body;
    expect(stored).toMatchObject({
      name: 'Junho',
      list: [
        { phone: '81 98888-0001', name: 'Ana', values: { mes: 'maio' } },
        { phone: '81 98888-0002', name: 'Bia', values: { mes: 'junho' } },
      ],
      template: { name: 'segunda_via', body: [{ text: '{{ contact.first_name }}', name: 'nome' }, { text: '{mes}', name: 'mes' }] },
    });
  });
});
