import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { render } from '@testing-library/react';
import { Flag } from 'lucide-react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { expectAccessible, renderApp } from '@/test/app';
import { folded, narrowed } from './command-search';
import { useCommands, type CommandSet } from './commands';
import { setOverlay } from './sheet-state';
import { ariaKeys, printed, useKeys, type Keys } from './shortcuts';

afterEach(() => {
  vi.unstubAllGlobals();
  act(() => setOverlay('none'));
});

function Bound({ keys }: { keys: Keys }) {
  useKeys(keys);
  return <input aria-label="campo" />;
}

function Offering({ set }: { set: CommandSet }) {
  useCommands(set);
  return null;
}

describe('keys', () => {
  it('are those that the key types, on whatever keyboard: AltGr and Shift make signs, not modifiers', () => {
    const slash = vi.fn();
    const question = vi.fn();
    render(<Bound keys={{ '/': slash, '?': question }} />);
    const altGraph = Object.assign(new KeyboardEvent('keydown', { key: '/', code: 'KeyQ', ctrlKey: true, altKey: true, bubbles: true }), {
      getModifierState: (name: string) => name === 'AltGraph',
    });
    document.body.dispatchEvent(altGraph);
    expect(slash).toHaveBeenCalledOnce();
    fireEvent.keyDown(document.body, { key: '?', code: 'KeyW', shiftKey: true });
    expect(question).toHaveBeenCalledOnce();
  });

  it('never act with Alt, which types letters on Portuguese keyboards, and tell capitals from small letters', () => {
    const small = vi.fn();
    const capital = vi.fn();
    render(<Bound keys={{ a: small, 'Shift+A': capital }} />);
    fireEvent.keyDown(document.body, { key: 'a', altKey: true });
    fireEvent.keyDown(document.body, { key: 'a', ctrlKey: true });
    expect(small).not.toHaveBeenCalled();
    fireEvent.keyDown(document.body, { key: 'A', shiftKey: true });
    fireEvent.keyDown(document.body, { key: 'A' }); // caps lock
    expect([small.mock.calls.length, capital.mock.calls.length]).toEqual([1, 1]);
  });

  it('of a sequence are not the single key’s', () => {
    const close = vi.fn();
    const go = vi.fn();
    render(<Bound keys={{ e: close, 'g e': go, j: close }} />);
    fireEvent.keyDown(document.body, { key: 'g' });
    fireEvent.keyDown(document.body, { key: 'e' });
    expect([close.mock.calls.length, go.mock.calls.length]).toEqual([0, 1]);
    fireEvent.keyDown(document.body, { key: 'e' });
    expect(close).toHaveBeenCalledOnce();
    fireEvent.keyDown(document.body, { key: 'g' });
    fireEvent.keyDown(document.body, { key: 'j' });
    expect(close).toHaveBeenCalledTimes(2);
  });

  it('sleep in fields, and while a menu has them', () => {
    const close = vi.fn();
    render(<Bound keys={{ e: close }} />);
    fireEvent.keyDown(screen.getByRole('textbox'), { key: 'e' });
    const menu = document.body.appendChild(document.createElement('div'));
    menu.setAttribute('role', 'menu');
    fireEvent.keyDown(menu, { key: 'e' });
    menu.remove();
    expect(close).not.toHaveBeenCalled();
  });

  it('are printed as people read them, and said as readers need them', () => {
    expect([printed('$mod+Enter'), printed('g c'), printed('Shift+D'), printed('/'), printed('>')]).toEqual([['Mod', 'Enter'], ['g', 'c'], ['Shift', 'D'], ['/'], ['>']]);
    expect(ariaKeys('$mod+Enter')).toBe('Control+Enter');
  });
});

describe('the command bar', () => {
  const ran = vi.fn();
  const set: CommandSet = {
    heading: 'Esta conversa',
    commands: [
      { id: 'colour', words: 'Pintar a vela', icon: Flag, keys: 'y', choices: () => Promise.resolve([{ id: 'high', words: 'Alta', run: () => void ran('high') }]) },
      { id: 'close', words: 'Encerrar', icon: Flag, hint: 'para todos', run: () => void ran('close') },
    ],
  };

  it('lists what the screen can do with its key, and goes on to the list of a command (rules 229, 230, 263)', async () => {
    const user = userEvent.setup();
    renderApp('/conversas/1042');
    await screen.findByRole('log');
    render(<Offering set={set} />);
    await user.keyboard('{Control>}k{/Control}');
    const bar = await screen.findByRole('dialog', { name: 'Barra de comandos' });
    expect(within(bar).getByRole('option', { name: /Mostrar dados da conversa/ })).toHaveAttribute('aria-keyshortcuts', 'i');
    await expectAccessible(bar);
    await user.type(within(bar).getByRole('combobox'), 'vela');
    await user.keyboard('{Enter}');
    expect(await within(bar).findByRole('option', { name: 'Alta' })).toBeVisible();
    await user.keyboard('{Enter}');
    await waitFor(() => expect(ran).toHaveBeenCalledWith('high'));
    expect(screen.queryByRole('dialog', { name: 'Barra de comandos' })).toBeNull();
    // Its key opens the list at once, and Backspace in an empty field leaves it.
    await user.keyboard('y');
    expect(await screen.findByRole('option', { name: 'Alta' })).toBeVisible();
    await user.keyboard('{Backspace}');
    await waitFor(() => expect(screen.queryByRole('option', { name: 'Alta' })).toBeNull());
  });

  it('is narrowed by signs: > to commands, # to conversations, @ to people', async () => {
    const user = userEvent.setup();
    const { router } = renderApp('/conversas?visao=todos');
    await screen.findByRole('link', { name: /Marina Albuquerque/ });
    render(<Offering set={set} />);
    await user.keyboard('{Control>}k{/Control}');
    const field = await screen.findByRole('combobox', { name: 'Barra de comandos' });
    await user.type(field, '>enc');
    expect(screen.getAllByRole('option')[0]).toHaveTextContent(/^Encerrarpara todos/);
    expect(screen.queryByRole('option', { name: /Conversas/ })).toBeNull();
    await user.clear(field);
    await user.type(field, '@claudia');
    await user.click(await screen.findByRole('option', { name: /Cláudia Ferraz/ }));
    await waitFor(() => expect(router.state.location.pathname).toBe('/conversas/1040'));
    await user.keyboard('{Control>}k{/Control}');
    await user.type(await screen.findByRole('combobox', { name: 'Barra de comandos' }), '#marina');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(router.state.location.pathname).toBe('/conversas/1042'));
  });

  it('finds words without their accents', () => {
    expect(folded('Atribuição')).toBe('atribuicao');
    expect([narrowed('#12'), narrowed('oi'), narrowed('> fechar ')]).toEqual([
      { to: 'tickets', text: '12' },
      { to: 'all', text: 'oi' },
      { to: 'commands', text: 'fechar' },
    ]);
  });

  it('gives the sheet of shortcuts the keys of this screen (rule 228)', async () => {
    const user = userEvent.setup();
    renderApp('/conversas?visao=todos');
    await screen.findByRole('link', { name: /Marina Albuquerque/ });
    render(<Offering set={set} />);
    await user.keyboard('?');
    const sheet = await screen.findByRole('dialog', { name: 'Atalhos do teclado' });
    expect(within(sheet).getByText('Pintar a vela').closest('div')).toHaveTextContent(/y$/);
    await expectAccessible(sheet);
  });
});
