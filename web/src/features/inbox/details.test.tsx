import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { expectAccessible, renderApp } from '@/test/app';
import type { MockApi } from '@/test/mock/api';
import { problem } from '@/test/mock/api';

afterEach(() => {
  vi.unstubAllGlobals();
});

async function panelOf(prepare: (api: MockApi) => void = () => undefined) {
  const app = renderApp('/conversas/1042', prepare);
  await screen.findByRole('log');
  const user = userEvent.setup();
  await user.click(screen.getByRole('button', { name: 'Mostrar dados da conversa' }));
  const panel = await screen.findByRole('dialog', { name: 'Dados da conversa' });
  await within(panel).findByRole('button', { name: /^Nome: Marina Albuquerque/ });
  return { ...app, user, panel };
}

describe('what is known of a contact', () => {
  it('is changed where it stands: Enter saves, Esc restores', async () => {
    const { user, panel, api } = await panelOf();
    await user.click(within(panel).getByRole('button', { name: /^Nome: / }));
    const field = within(panel).getByRole('textbox', { name: 'Nome' });
    expect(field).toHaveFocus();
    await user.clear(field);
    await user.type(field, 'Marina A.{Escape}');
    const button = within(panel).getByRole('button', { name: /^Nome: Marina Albuquerque/ });
    await waitFor(() => expect(button).toHaveFocus());
    expect(panel).toBeVisible();
    await user.keyboard('{Enter}');
    await user.clear(within(panel).getByRole('textbox', { name: 'Nome' }));
    await user.type(within(panel).getByRole('textbox', { name: 'Nome' }), 'Marina A.{Enter}');
    await waitFor(() => expect(api.people.changes.get(500)).toMatchObject({ name: 'Marina A.' }));
    expect(await within(panel).findByRole('button', { name: /^Nome: Marina A\./ })).toBeVisible();
    await expectAccessible(panel);
  });

  it('is checked before it is sent, and put back when the server refuses it', async () => {
    const { user, panel, api, requests } = await panelOf();
    await user.click(within(panel).getByRole('button', { name: /^CPF: / }));
    await user.clear(within(panel).getByRole('textbox', { name: 'CPF' }));
    await user.type(within(panel).getByRole('textbox', { name: 'CPF' }), '111.111.111-11{Enter}');
    expect(within(panel).getByRole('alert')).toHaveTextContent('Este CPF não confere.');
    expect(requests.filter((each) => each.startsWith('PATCH'))).toEqual([]);
    await user.keyboard('{Escape}');
    await user.click(within(panel).getByRole('button', { name: /^CNPJ: / }));
    await user.type(within(panel).getByRole('textbox', { name: 'CNPJ' }), '12.ABC.345/01DE-35{Enter}');
    expect(await within(panel).findByRole('heading', { name: 'Dados da Empresa' })).toBeVisible();

    const real = api.answer.bind(api);
    api.answer = (method, url, raw) => (method === 'PATCH' ? problem(503, 'unavailable', 'Try again.') : real(method, url, raw));
    await user.click(within(panel).getByRole('button', { name: /^RG: / }));
    await user.type(within(panel).getByRole('textbox', { name: 'RG' }), '123{Enter}');
    expect(await within(panel).findByRole('alert')).toHaveTextContent(/Nada do que já foi aceito se perde/);
    expect(within(panel).getByRole('button', { name: /^RG: Adicionar/ })).toBeVisible();
  });

  it('offers the options of the account’s own fields (rule 201)', async () => {
    const { user, panel, api } = await panelOf();
    await user.click(await within(panel).findByRole('button', { name: /^Plano: Completo/ }));
    await user.selectOptions(within(panel).getByRole('combobox', { name: 'Plano' }), 'Básico');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(api.people.changes.get(500)?.custom_values).toMatchObject({ plano: 'Básico', ultimo_pedido: '20931' }));
  });
});

describe('labels', () => {
  it('come from the list without those of automation, and go after the question of rule 190', async () => {
    const { user, panel, api } = await panelOf();
    await user.click(await within(panel).findByRole('combobox', { name: 'Adicionar etiqueta' }));
    expect(await screen.findByRole('option', { name: 'VIP' })).toBeVisible();
    expect(screen.queryByRole('option', { name: 'Robô' })).toBeNull();
    await user.click(screen.getByRole('option', { name: 'VIP' }));
    const labels = () => api.people.changes.get(500)?.labels?.map(({ name }) => name);
    await waitFor(() => expect(labels()).toContain('VIP'));
    await screen.findByText('Etiqueta VIP adicionada');
    await user.click(screen.getByRole('button', { name: 'Desfazer' }));
    await waitFor(() => expect(labels()).not.toContain('VIP'));
    await waitFor(() => expect(screen.queryByText('Etiqueta VIP adicionada')).toBeNull());
    await user.click(within(panel).getByRole('button', { name: 'Remover a etiqueta Troca' }));
    const ask = await screen.findByRole('dialog', { name: 'Tem certeza que deseja remover essa etiqueta?' });
    await user.click(within(ask).getByRole('button', { name: 'Remover' }));
    await waitFor(() => expect(api.people.changes.get(500)?.labels?.map(({ name }) => name)).not.toContain('Troca'));
    await waitFor(() => expect(within(panel).queryByText('Troca')).toBeNull());
    await screen.findByText('Etiqueta Troca removida');
    await user.click(screen.getByRole('button', { name: 'Desfazer' }));
    await waitFor(() => expect(labels()).toContain('Troca'));
  });
});

describe('notes about a contact (rule 188)', () => {
  it('need a text, take a date and somebody, and are deleted after a question', async () => {
    const { user, panel, api } = await panelOf();
    await user.click(within(panel).getByRole('button', { name: 'Nova observação' }));
    await user.click(within(panel).getByRole('button', { name: 'Salvar observação' }));
    expect(await within(panel).findByText('Preencha este campo.')).toBeVisible();
    fireEvent.change(within(panel).getByLabelText(/Fazer até/), { target: { value: '2027-01-10T09:00' } });
    await user.selectOptions(within(panel).getByRole('combobox', { name: /Encaminhar para/ }), 'Bruno Castro');
    await user.type(within(panel).getByRole('textbox', { name: /^Observação/ }), 'Ligar na segunda{Control>}{Enter}{/Control}');
    await waitFor(() => expect(api.people.notes[0]).toMatchObject({ text: 'Ligar na segunda', agent: { name: 'Bruno Castro' } }));
    const card = (await within(panel).findByText('Ligar na segunda')).closest('li')!;
    expect(card).toHaveTextContent('Para Bruno Castro');
    await user.click(within(card).getByRole('button', { name: 'Excluir a observação' }));
    const ask = await screen.findByRole('dialog', { name: 'Tem certeza que deseja excluir essa observação?' });
    await user.click(within(ask).getByRole('button', { name: 'Excluir' }));
    await waitFor(() => expect(within(panel).queryByText('Ligar na segunda')).toBeNull());
  });
});

describe('a note that is there (rule 255)', () => {
  it('is changed in its place: text, date and agent, and each can go', async () => {
    const { user, panel, api } = await panelOf((each) => {
      each.people.notes = [{ id: 7, contact_id: 1, text: 'Ligar amanhã', due_at: '2027-01-10T12:00:00.000Z', agent: { id: 2, name: 'Bruno Castro' }, author: { id: 1, name: 'Ana' }, created_at: '2026-11-30T12:00:00Z' }];
    });
    await user.click(await within(panel).findByRole('button', { name: 'Mudar a observação' }));
    const text = within(panel).getByRole('textbox', { name: /^Observação/ });
    expect(text).toHaveValue('Ligar amanhã');
    expect(within(panel).getByRole('combobox', { name: /Encaminhar para/ })).toHaveDisplayValue('Bruno Castro');
    expect(new Date(within(panel).getByLabelText<HTMLInputElement>(/Fazer até/).value).toISOString()).toBe('2027-01-10T12:00:00.000Z');
    await expectAccessible(panel);
    await user.clear(text);
    await user.type(text, 'Já ligou');
    fireEvent.change(within(panel).getByLabelText(/Fazer até/), { target: { value: '' } });
    await user.selectOptions(within(panel).getByRole('combobox', { name: /Encaminhar para/ }), '');
    await user.click(within(panel).getByRole('button', { name: 'Salvar observação' }));
    expect(await within(panel).findByText('Já ligou')).toBeVisible();
    expect(api.people.notes).toEqual([{ id: 7, contact_id: 1, text: 'Já ligou', author: { id: 1, name: 'Ana' }, created_at: '2026-11-30T12:00:00Z' }]);
  });
});

describe('the rest of the panel', () => {
  it('shows earlier tickets with what happened in them, and who decided', async () => {
    const { user, panel } = await panelOf();
    await user.click(within(panel).getByText('Atendimentos anteriores'));
    await user.click(await within(panel).findByRole('button', { name: /^20261104000012/ }));
    const history = await within(panel).findByRole('list', { name: 'O que aconteceu' });
    expect(within(history).getByText('Bruno Castro aceitou')).toBeVisible();
    expect(within(history).getByText('Regra encaminhou para a fila Suporte (fila inicial da conexão)')).toBeVisible();
    expect(within(panel).getByText('Motivo: Resolvido')).toBeVisible();
  });

  it('lists the files of the messages, and the campaign the contact came from (rule 189)', async () => {
    const { user, panel } = await panelOf((api) => {
      api.messages[2]!.content.referral = { source_type: 'ad', source_id: '120', headline: 'Cafeteiras em oferta', source_url: 'https://fb.me/x' };
    });
    expect(await within(panel).findByText('Cafeteiras em oferta')).toBeVisible();
    await user.click(within(panel).getByText('Imagens e arquivos'));
    expect(await within(panel).findByRole('link', { name: /nota-fiscal/ })).toHaveAttribute('href', expect.stringMatching(/^\/v1\/media\/\d+\/content$/));
  });

  it('switches broadcasts and the default agent, and blocks after a question (rules 142, 187, 191, 192)', async () => {
    const { user, panel, api } = await panelOf();
    await user.click(within(panel).getByRole('switch', { name: 'Transmissões' }));
    await waitFor(() => expect(api.people.changes.get(500)).toMatchObject({ broadcast_enabled: false }));
    await user.click(within(panel).getByRole('button', { name: /^Agente padrão: / }));
    await user.selectOptions(within(panel).getByRole('combobox', { name: 'Agente padrão' }), 'Carla Menezes');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(api.people.changes.get(500)).toMatchObject({ default_agent_id: 3 }));
    await user.click(within(panel).getByRole('button', { name: 'Bloquear contato' }));
    await user.click(within(await screen.findByRole('dialog', { name: 'Bloquear este contato?' })).getByRole('button', { name: 'Bloquear contato' }));
    await user.click(await within(panel).findByRole('button', { name: 'Desbloquear contato' }));
    await within(panel).findByRole('button', { name: 'Bloquear contato' });
    await screen.findByRole('heading', { name: 'Contato desbloqueado' });
    act(() => (document.activeElement as HTMLElement).blur());
    await user.keyboard('{Control>}z{/Control}');
    expect(await within(panel).findByRole('button', { name: 'Desbloquear contato' })).toBeVisible();
  });
});

describe('the clocks', () => {
  const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  const row = (api: MockApi) => api.conversations.find(({ number }) => number === 1042)!;

  it('are both shown: the window, and one for each session that is open (rules 090 to 093, 165, Z14)', async () => {
    const { panel } = await panelOf((api) => {
      Object.assign(row(api), {
        window_expires_at: undefined,
        window_state: 'none',
        may_hold: true,
        sessions: [
          { category: 'utility', opened_at: at(-4.5), ends_at: at(19.5) },
          { category: 'service', opened_at: at(-20.5), ends_at: at(3.5) },
          { category: 'marketing', opened_at: at(-25), ends_at: at(-1) },
        ],
      });
    });
    expect(within(panel).getByRole('meter', { name: 'Janela de 24 h' })).toHaveAttribute('aria-valuetext', 'Nunca aberta');
    const sessions = within(panel).getByRole('list', { name: 'Sessões de 24 h' });
    expect(within(sessions).getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([expect.stringMatching(/^Utilidade.*19 h/), expect.stringMatching(/^Atendimento.*3 h/)]);
    expect(within(panel).getByText('Aguarda a resposta do contato a um template')).toBeVisible();
    await expectAccessible(panel);
  });
});
