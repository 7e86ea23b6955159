import { act, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/api/problem';
import { expectAccessible } from '@/test/app';
import { Button } from './button';
import { Card } from './card';
import { Chips, Segments } from './chips';
import { Confirm, Dialog, FormDialog } from './dialog';
import { Fact, Facts } from './facts';
import { TextArea, TextField } from './field';
import { Form } from './form';
import { Menu, MENU_LINE } from './menu';
import { Table, type Column } from './table';
import { Tabs } from './tabs';
import { toast } from './toast';
import Toasts from './toasts';
import type { PagedQuery } from './paged';

describe('Card and Facts', () => {
  it('are a named region with names and values, and copy what can be copied', async () => {
    const user = userEvent.setup();
    const { container } = render(
      <Card title="Contato" hint="Quem escreve." actions={<a href="/x">Abrir</a>}>
        <Facts>
          <Fact name="Telefone" copy="5511981234567">
            (11) 98123-4567
          </Fact>
          <Fact name="Fila">Suporte</Fact>
        </Facts>
      </Card>,
    );
    const card = screen.getByRole('region', { name: 'Contato' });
    expect(within(card).getAllByRole('term').map((each) => each.textContent)).toEqual(['Telefone', 'Fila']);
    expect(within(card).getAllByRole('definition')[1]).toHaveTextContent('Suporte');
    await user.click(screen.getByRole('button', { name: 'Copiar: Telefone' }));
    expect(await navigator.clipboard.readText()).toBe('5511981234567');
    await expectAccessible(container);
  });
});

describe('Chips and Segments', () => {
  it('say which one is on, and change by keys', async () => {
    const user = userEvent.setup();
    const chosen = vi.fn();
    function Both() {
      const [value, setValue] = useState<'a' | 'b'>('a');
      const options = [
        { value: 'a' as const, words: 'Todas' },
        { value: 'b' as const, words: 'Minhas' },
      ];
      const change = (next: 'a' | 'b') => {
        chosen(next);
        setValue(next);
      };
      return (
        <>
          <Chips label="Filtrar" value={value} chips={options} onChange={change} />
          <Segments label="Ver" value={value} options={options} onChange={change} />
        </>
      );
    }
    const { container } = render(<Both />);
    const group = screen.getByRole('group', { name: 'Filtrar' });
    expect(within(group).getByRole('button', { name: 'Todas', pressed: true })).toBeVisible();
    await user.click(within(group).getByRole('button', { name: 'Minhas' }));
    expect(screen.getByRole('radio', { name: 'Minhas' })).toBeChecked();
    act(() => screen.getByRole('radio', { name: 'Minhas' }).focus());
    await user.keyboard('{ArrowLeft}');
    expect(chosen.mock.calls).toEqual([['b'], ['a']]);
    await expectAccessible(container);
  });
});

const REFUSED = new ApiError(422, 'invalid', 'Correct the marked fields.', 'req', 0, [
  { location: 'body.name', message: 'is taken: choose another' },
  { location: 'body.phones[1].number', message: 'is not a phone number' },
]);

describe('Form and Field', () => {
  it('name the control, tell hint and error, and give the values once nothing is wrong', async () => {
    const user = userEvent.setup();
    const sent = vi.fn();
    const form = (error: string | undefined) => (
      <Form names={['name', 'note']} onSubmit={(values) => void sent(Object.fromEntries(values))}>
        <TextField label="Nome" name="name" hint="Como os atendentes o veem." error={error} />
        <TextArea label="Observação" name="note" optional />
        <Button type="submit">Salvar</Button>
      </Form>
    );
    const { container, rerender } = render(form('Já existe'));
    const name = screen.getByRole('textbox', { name: 'Nome' });
    expect(name).toBeInvalid();
    expect(name).toHaveAccessibleDescription(expect.stringContaining('Como os atendentes o veem.') as string);
    expect(name).toHaveAccessibleDescription(expect.stringContaining('Já existe') as string);
    await expectAccessible(container);
    await user.click(screen.getByRole('button', { name: 'Salvar' }));
    expect(sent).not.toHaveBeenCalled();
    rerender(form(undefined));
    await user.type(screen.getByRole('textbox', { name: 'Observação (opcional)' }), 'oi{Control>}{Enter}{/Control}');
    expect(sent).toHaveBeenCalledWith({ name: '', note: 'oi' });
    await expectAccessible(container);
  });

  it('can be sent again once a refused field was changed, though its screen drew it anew', async () => {
    const user = userEvent.setup();
    const sent = vi.fn<(name: string) => void>();
    function Controlled() {
      const [name, setName] = useState('');
      return (
        <Form names={['name']} error={REFUSED} onSubmit={() => sent(name)}>
          <TextField label="Nome" name="name" value={name} onValue={setName} />
          <Button type="submit">Salvar</Button>
        </Form>
      );
    }
    render(<Controlled />);
    await user.type(screen.getByRole('textbox', { name: 'Nome' }), 'Vendas');
    await user.click(screen.getByRole('button', { name: 'Salvar' }));
    expect(sent).toHaveBeenCalledWith('Vendas');
  });

  it('puts the server’s errors at their fields, and what belongs to none above them', async () => {
    const form = (error: unknown) => (
      <Form names={['name', 'phones']} error={error} onSubmit={() => undefined}>
        <TextField label="Nome" name="name" />
        <TextField label="Telefones" name="phones" />
      </Form>
    );
    const { rerender, container } = render(form(undefined));
    rerender(form(REFUSED));
    await waitFor(() => expect(screen.getByRole('textbox', { name: 'Nome' })).toHaveAccessibleDescription('is taken: choose another'));
    expect(screen.getByRole('textbox', { name: 'Telefones' })).toHaveAccessibleDescription('is not a phone number');
    expect(screen.queryByRole('alert')).toBeNull();
    await expectAccessible(container);
    rerender(form(new ApiError(422, 'invalid', 'The body is refused.', '', 0, [{ location: 'body.color', message: 'is no colour' }])));
    expect(await screen.findByRole('alert')).toHaveTextContent('The body is refused.');
    rerender(form(new ApiError(503, 'unavailable', 'Try again.')));
    expect(await screen.findByRole('alert')).toHaveTextContent('O servidor está sem acesso');
  });
});

function Opened({ children }: { children: (open: boolean, set: (open: boolean) => void) => React.ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Abrir</Button>
      {children(open, setOpen)}
    </>
  );
}

describe('Dialog', () => {
  it('is named and described, keeps the focus, closes by Escape and gives the focus back', async () => {
    const user = userEvent.setup();
    render(
      <Opened>
        {(open, set) => (
          <Dialog open={open} onOpenChange={set} title="O que mudou" lead="Desde ontem.">
            <a href="/x">Ver</a>
          </Dialog>
        )}
      </Opened>,
    );
    await user.click(screen.getByRole('button', { name: 'Abrir' }));
    const dialog = await screen.findByRole('dialog', { name: 'O que mudou' });
    expect(dialog).toHaveAccessibleDescription('Desde ontem.');
    await waitFor(() => expect(dialog).toContainElement(document.activeElement as HTMLElement));
    await expectAccessible(document.body);
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await waitFor(() => expect(screen.getByRole('button', { name: 'Abrir' })).toHaveFocus());
  });

  it('with a form sends it by Enter, stays open while it is refused, and shows why', async () => {
    const user = userEvent.setup();
    const sent = vi.fn();
    render(
      <Opened>
        {(open, set) => (
          <FormDialog
            open={open}
            onOpenChange={set}
            title="Transferir"
            submit="Transferir"
            names={['name']}
            error={sent.mock.calls.length > 0 ? REFUSED : undefined}
            onSubmit={(values) => {
              sent(values.get('name'));
              set(true);
            }}
          >
            <TextField label="Nome" name="name" />
          </FormDialog>
        )}
      </Opened>,
    );
    await user.click(screen.getByRole('button', { name: 'Abrir' }));
    await user.type(await screen.findByRole('textbox', { name: 'Nome' }), 'Ana{Enter}');
    expect(sent).toHaveBeenCalledWith('Ana');
    expect(screen.getByRole('dialog')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Cancelar' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });

  it('asks before what cannot be undone, and does it once', async () => {
    const user = userEvent.setup();
    const done = vi.fn();
    const confirm = (pending: boolean) => (
      <Confirm open onOpenChange={() => undefined} title="Excluir?" lead="Não dá para desfazer." yes="Excluir" tone="danger" pending={pending} onYes={done} />
    );
    const { rerender } = render(confirm(false));
    await user.click(await screen.findByRole('button', { name: 'Excluir' }));
    rerender(confirm(true));
    expect(screen.getByRole('button', { name: 'Salvando…' })).toBeDisabled();
    expect(done).toHaveBeenCalledTimes(1);
  });
});

describe('Menu', () => {
  it('opens by keys, shows shortcuts, skips what is disabled and gives the focus back', async () => {
    const user = userEvent.setup();
    const taken = vi.fn();
    render(
      <Menu
        label="Atendimento"
        trigger={<Button>Mais</Button>}
        items={[{ words: 'Assumir', shortcut: ['a'], onSelect: taken }, { words: 'Adiar', disabled: true, onSelect: taken }, MENU_LINE, { words: 'Excluir', tone: 'bad', onSelect: taken }]}
      />,
    );
    act(() => screen.getByRole('button', { name: 'Mais' }).focus());
    await user.keyboard('{Enter}');
    const menu = await screen.findByRole('menu', { name: 'Atendimento' });
    const item = within(menu).getByRole('menuitem', { name: 'Assumir' });
    expect(item).toHaveAttribute('aria-keyshortcuts', 'a');
    expect(item).toHaveTextContent('Assumira');
    expect(within(menu).getByRole('menuitem', { name: 'Adiar' })).toHaveAttribute('aria-disabled', 'true');
    await expectAccessible(document.body);
    await waitFor(() => expect(item).toHaveFocus());
    await user.keyboard('{Enter}');
    expect(taken).toHaveBeenCalledTimes(1);
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull());
    await waitFor(() => expect(screen.getByRole('button', { name: 'Mais' })).toHaveFocus());
  });
});

describe('Toast', () => {
  afterEach(() => vi.useRealTimers());

  it('is read aloud, and what it offers is done once', async () => {
    const user = userEvent.setup();
    const undone = vi.fn();
    render(<Toasts />);
    act(() => toast({ words: 'Conversa encerrada', undo: undone }));
    const button = await screen.findByRole('button', { name: 'Desfazer' });
    const spoken = screen.getAllByText('Conversa encerrada');
    expect(spoken.some((each) => each.closest('[aria-live], [role="status"], [role="alert"]') !== null)).toBe(true);
    await expectAccessible(document.body);
    await user.click(button);
    expect(undone).toHaveBeenCalledTimes(1);
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Desfazer' })).toBeNull());
  });

  it('of a failure is read at once and can be closed', async () => {
    const user = userEvent.setup();
    render(<Toasts />);
    act(() => toast({ words: 'Não deu para transferir', more: 'A fila não existe mais.', tone: 'bad' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('Não deu para transferir');
    await user.keyboard('{F6}');
    await user.click(await screen.findByRole('button', { name: 'Fechar' }));
    await waitFor(() => expect(screen.queryByText('A fila não existe mais.')).toBeNull());
  });
});

describe('Tabs', () => {
  it('show one face at a time and are walked by arrows', async () => {
    const user = userEvent.setup();
    function Two() {
      const [value, setValue] = useState<'a' | 'b'>('a');
      return (
        <Tabs
          label="Atendimentos"
          value={value}
          onChange={setValue}
          tabs={[
            { value: 'a', words: 'Abertos', count: 3, content: 'três' },
            { value: 'b', words: 'Encerrados', content: 'muitos' },
          ]}
        />
      );
    }
    const { container } = render(<Two />);
    expect(screen.getByRole('tablist', { name: 'Atendimentos' })).toBeVisible();
    expect(screen.getByRole('tab', { name: /Abertos/, selected: true })).toBeVisible();
    expect(screen.getByRole('tabpanel')).toHaveTextContent('três');
    act(() => screen.getByRole('tab', { name: /Abertos/ }).focus());
    await user.keyboard('{ArrowRight}{Enter}');
    expect(await screen.findByText('muitos')).toBeVisible();
    await expectAccessible(container);
  });
});

interface Row {
  id: number;
  name: string;
}

const COLUMNS: Column<Row>[] = [
  { key: 'name', words: 'Nome', heading: true, cell: (row) => row.name },
  { key: 'id', words: 'Número', align: 'end', cell: (row) => row.id },
];

function listOf(part: Partial<PagedQuery<Row>>): PagedQuery<Row> {
  return {
    data: { pages: [{ data: [{ id: 1, name: 'Ana' }], next_cursor: 'x', has_more: true }], pageParams: [''] },
    isPending: false,
    isError: false,
    error: null,
    hasNextPage: true,
    isFetchingNextPage: false,
    isFetchNextPageError: false,
    refetch: vi.fn(),
    fetchNextPage: vi.fn(),
    ...part,
  };
}

describe('Table', () => {
  const table = (query: PagedQuery<Row>) => <Table label="Pessoas" columns={COLUMNS} rowKey={(row) => row.id} query={query} empty={<p>Ninguém ainda</p>} />;

  it('has headings for columns and rows, and reads on when asked', async () => {
    const user = userEvent.setup();
    const query = listOf({});
    const { container } = render(table(query));
    expect(screen.getByRole('table', { name: 'Pessoas' })).toBeVisible();
    expect(screen.getAllByRole('columnheader').map((each) => each.textContent)).toEqual(['Nome', 'Número']);
    expect(screen.getByRole('rowheader', { name: 'Ana' })).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Carregar mais' }));
    expect(query.fetchNextPage).toHaveBeenCalledTimes(1);
    await expectAccessible(container);
  });

  it('has the faces of loading, empty and error, and keeps its rows when the next page fails', async () => {
    const user = userEvent.setup();
    const { rerender } = render(table(listOf({ data: undefined, isPending: true })));
    expect(screen.getByRole('status', { name: 'Carregando…' })).toBeVisible();
    rerender(table(listOf({ data: { pages: [{ data: [], next_cursor: null, has_more: false }], pageParams: [''] }, hasNextPage: false })));
    expect(screen.getByText('Ninguém ainda')).toBeVisible();
    const broken = listOf({ data: undefined, isError: true, error: new ApiError(503, 'unavailable', 'Try again.') });
    rerender(table(broken));
    await user.click(within(screen.getByRole('alert')).getByRole('button', { name: 'Tentar de novo' }));
    expect(broken.refetch).toHaveBeenCalledTimes(1);
    rerender(table(listOf({ isError: true, isFetchNextPageError: true })));
    expect(screen.getByRole('rowheader', { name: 'Ana' })).toBeVisible();
    expect(screen.getByRole('alert')).toHaveTextContent('Não deu para carregar mais');
  });
});
