import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, it, vi } from 'vitest';
import { expectAccessible } from '@/test/app';
import { Combobox, MultiCombobox, type Option, type Options } from './combobox';

const QUEUES: Option[] = [
  { value: '1', words: 'Vendas', color: '#0f766e' },
  { value: '2', words: 'Suporte' },
  { value: '3', words: 'Financeiro' },
];

function One({ options, start = null }: { options: Options; start?: Option | null | undefined }) {
  const [value, setValue] = useState<Option | null>(start);
  return (
    <form aria-label="f">
      <Combobox label="Fila" name="queue_id" options={options} value={value} onChange={setValue} />
    </form>
  );
}

function Many({ options, onChange }: { options: Options; onChange?: (values: string[]) => void }) {
  const [value, setValue] = useState<Option[]>([]);
  return (
    <MultiCombobox
      label="Atendentes"
      options={options}
      value={value}
      onChange={(next) => {
        setValue(next);
        onChange?.(next.map((each) => each.value));
      }}
    />
  );
}

describe('Combobox', () => {
  it('finds by typing, is chosen by keys, and gives the form its value', async () => {
    const user = userEvent.setup();
    const { container } = render(<One options={QUEUES} />);
    const input = screen.getByRole('combobox', { name: 'Fila' });
    await user.type(input, 'sup');
    const list = await screen.findByRole('listbox');
    expect(within(list).getAllByRole('option').map((each) => each.textContent)).toEqual(['Suporte']);
    await expectAccessible(document.body);
    await user.keyboard('{Enter}');
    await waitFor(() => expect(input).toHaveValue('Suporte'));
    expect(new FormData(container.querySelector('form')!).get('queue_id')).toBe('2');
  });

  it('is cleared by its button', async () => {
    const user = userEvent.setup();
    render(<One options={QUEUES} start={QUEUES[0]} />);
    expect(screen.getByRole('combobox', { name: 'Fila' })).toHaveValue('Vendas');
    await user.click(screen.getByRole('button', { name: 'Limpar' }));
    await waitFor(() => expect(screen.getByRole('combobox', { name: 'Fila' })).toHaveValue(''));
  });

  it('offers everything when it is opened again, and says when nothing matches', async () => {
    const user = userEvent.setup();
    render(<One options={QUEUES} start={QUEUES[0]} />);
    await user.click(screen.getByRole('button', { name: 'Mostrar as opções' }));
    expect(within(await screen.findByRole('listbox')).getAllByRole('option')).toHaveLength(3);
    expect(screen.getByRole('option', { name: 'Vendas', selected: true })).toBeVisible();
    const input = screen.getByRole('combobox', { name: 'Fila' });
    await user.clear(input);
    await user.type(input, 'xyz');
    expect(await screen.findByText('Nada com esse nome')).toBeVisible();
    await user.keyboard('{Escape}');
    const clear = screen.queryByRole('button', { name: 'Limpar' });
    if (clear) await user.click(clear);
    await waitFor(() => expect(screen.getByRole('combobox', { name: 'Fila' })).toHaveValue(''));
  });
});

describe('a combobox that searches', () => {
  it('asks once the typing pauses, says that it searches, and drops an answer that comes too late', async () => {
    const user = userEvent.setup();
    const asked: { text: string; signal: AbortSignal; answer: (options: Option[]) => void }[] = [];
    const search = (text: string, signal: AbortSignal) => new Promise<readonly Option[]>((answer) => void asked.push({ text, signal, answer }));
    render(<One options={search} />);
    const input = screen.getByRole('combobox', { name: 'Fila' });
    await user.type(input, 's');
    await waitFor(() => expect(asked.at(-1)?.text).toBe('s'));
    expect(screen.getByText('Buscando…')).toBeVisible();
    const first = asked.at(-1)!;
    await user.type(input, 'up');
    await waitFor(() => expect(asked.at(-1)?.text).toBe('sup'));
    expect(first.signal.aborted).toBe(true);
    await act(async () => {
      asked.at(-1)!.answer([QUEUES[1]!]);
      first.answer([QUEUES[0]!]);
      await Promise.resolve();
    });
    expect(await screen.findByRole('option', { name: 'Suporte' })).toBeVisible();
    expect(screen.queryByRole('option', { name: 'Vendas' })).toBeNull();
    expect(screen.queryByText('Buscando…')).toBeNull();
  });

  it('says that it failed, and tries again with the next letter', async () => {
    const user = userEvent.setup();
    const search = vi.fn().mockRejectedValueOnce(new Error('away')).mockRejectedValueOnce(new Error('away')).mockResolvedValue(QUEUES);
    render(<One options={search} />);
    const input = screen.getByRole('combobox', { name: 'Fila' });
    await user.click(input);
    expect(await screen.findByText(/A busca falhou/)).toBeVisible();
    await user.type(input, 'e');
    expect(await screen.findByText(/A busca falhou/)).toBeVisible();
    await user.type(input, 'n');
    expect(await screen.findByRole('option', { name: 'Vendas' })).toBeVisible();
  });
});

describe('MultiCombobox', () => {
  it('collects chips, keeps them while it searches for others, and loses them by Backspace or their button', async () => {
    const user = userEvent.setup();
    const changed = vi.fn();
    const search = (text: string) => Promise.resolve(QUEUES.filter((each) => each.words.toLowerCase().includes(text)));
    render(<Many options={search} onChange={changed} />);
    const input = screen.getByRole('combobox', { name: 'Atendentes' });
    await user.type(input, 'ven');
    await user.click(await screen.findByRole('option', { name: 'Vendas' }));
    await user.type(input, 'fin');
    await user.click(await screen.findByRole('option', { name: 'Financeiro' }));
    expect(changed.mock.calls).toEqual([[['1']], [['1', '3']]]);
    await expectAccessible(document.body);
    await user.click(screen.getByRole('button', { name: 'Tirar Vendas' }));
    expect(changed).toHaveBeenLastCalledWith(['3']);
    await user.clear(input);
    await user.type(input, '{Backspace}');
    await waitFor(() => expect(changed).toHaveBeenLastCalledWith([]));
  });
});
