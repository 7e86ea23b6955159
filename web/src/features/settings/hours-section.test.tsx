import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { afterEach, describe, expect, it } from 'vitest';
import { expectAccessible, forgetPreferences, renderApp } from '@/test/app';
import { standing } from './hours-words';
import { cleaned } from './week-editor';

afterEach(() => forgetPreferences());

describe('opening hours', () => {
  it('show whose hours count and how each stands (rules 019, 032, Z6), and pass axe', async () => {
    const { container } = renderApp('/ajustes?secao=horarios');
    const list = await screen.findByRole('list', { name: 'Horários' });
    const [account, connection, own, other] = within(list).getAllByRole('listitem');
    expect(account).toHaveTextContent(/Conta.*Fechado · abre/);
    expect(connection).toHaveTextContent(/Atendimento.*Segue o horário da conta/);
    expect(own).toHaveTextContent(/Suporte.*Aberto agora/);
    expect(other).toHaveTextContent(/Financeiro.*Segue o horário da conexão/);
    await expectAccessible(container);
  });

  it('give a queue a week of its own: a lunch break, a day copied to all others', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/ajustes?secao=horarios');
    await user.click(await screen.findByRole('button', { name: 'Editar o horário de Financeiro' }));
    const dialog = await screen.findByRole('dialog', { name: 'Horário: Financeiro' });
    await user.click(within(dialog).getByRole('checkbox', { name: 'Tem horário próprio' }));
    fireEvent.change(within(dialog).getByLabelText('Segunda 1: das'), { target: { value: '09:00' } });
    await user.click(within(dialog).getByRole('button', { name: 'Remover período: Segunda 2' }));
    await user.click(within(dialog).getByRole('button', { name: 'Copiar Segunda para todos os dias' }));
    await user.click(within(dialog).getByRole('button', { name: 'Remover período: Domingo 1' }));
    await user.click(within(dialog).getByRole('button', { name: 'Adicionar período: Sábado' }));
    await expectAccessible(dialog);
    await user.click(within(dialog).getByRole('button', { name: 'Salvar' }));
    await waitFor(() => expect(api.hours.calendars[3]?.hours?.days).toBeDefined());
    expect(api.hours.calendars[3]?.hours?.days).toMatchObject({
      '0': [],
      '1': [{ from: '09:00', to: '12:00' }],
      '6': [{ from: '09:00', to: '12:00' }, { from: '13:00', to: '17:00' }],
    });
  });

  it('import the national holidays once, beside one that comes every year', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/ajustes?secao=horarios');
    await user.click(await screen.findByRole('button', { name: 'Editar feriados' }));
    const dialog = await screen.findByRole('dialog', { name: 'Feriados' });
    await user.click(await within(dialog).findByRole('button', { name: 'Importar nacionais' }));
    await user.click(within(dialog).getByRole('button', { name: 'Importar nacionais' }));
    await user.click(within(dialog).getByRole('button', { name: 'Salvar' }));
    await waitFor(() => expect(api.hours.holidays.map(({ name }) => name)).toEqual(['Natal', 'Tiradentes']));
  });

  it('switch off for the whole account (rule 041)', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/ajustes?secao=horarios');
    await user.click(await screen.findByRole('switch', { name: 'Gerenciamento de expediente' }));
    await waitFor(() => expect(api.hours.enabled).toBe(false));
  });

  it('say when it opens by the clock of its zone', () => {
    const t = i18next.t;
    const zone = 'America/Sao_Paulo';
    const now = Date.parse('2026-12-01T01:00:00Z'); // 22:00 of the 30th there
    const at = (opens_at: string) => standing(t, { state: 'closed', opens_at }, { now, language: 'pt-BR', zone });
    expect(at('2026-12-01T11:00:00Z')).toBe('Fechado · abre amanhã 08:00');
    expect(at('2026-12-03T11:00:00Z')).toBe('Fechado · abre quinta-feira 08:00');
    expect(standing(t, { state: 'open' }, { now, language: 'pt-BR', zone })).toBe('Aberto agora');
  });

  it('write a whole day as the server reads it', () => {
    expect(cleaned({ '1': [{ from: '00:00', to: '00:00' }, { from: '', to: '10:00' }] })).toEqual({ '1': [{ from: '00:00', to: '24:00' }] });
  });
});
