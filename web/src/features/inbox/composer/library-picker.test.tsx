import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { expectAccessible, renderApp } from '@/test/app';

async function openFromMenu(entry: RegExp) {
  const user = userEvent.setup();
  await user.click(await screen.findByRole('button', { name: 'Anexar' }));
  await user.click(await screen.findByRole('menuitem', { name: entry }));
  return user;
}

const sent = (bodies: unknown[]) => bodies.filter((each): each is { content: unknown } => typeof each === 'object' && each !== null && 'content' in each).map(({ content }) => content);

describe('the library in the composer', () => {
  it('narrows by folder and words, is walked by the arrows, and puts a file into the answer', async () => {
    const { bodies } = renderApp('/conversas/1042');
    const user = await openFromMenu(/^Biblioteca de mídias/);
    const dialog = await screen.findByRole('dialog', { name: 'Biblioteca de mídias' });
    const box = await within(dialog).findByRole('combobox', { name: 'Buscar por nome ou pasta' });
    expect(await within(dialog).findAllByRole('option')).toHaveLength(5);
    await expectAccessible(dialog);
    await user.click(within(dialog).getByRole('button', { name: 'Catálogos · 1' }));
    await waitFor(() => expect(within(dialog).getAllByRole('option')).toHaveLength(1));
    await user.click(within(dialog).getByRole('button', { name: 'Todas as pastas' }));
    await waitFor(() => expect(within(dialog).getAllByRole('option')).toHaveLength(5));
    await user.type(box, 'fachada');
    await waitFor(() => expect(within(dialog).getAllByRole('option')).toHaveLength(1));
    await user.keyboard('{Enter}');
    const files = await screen.findByRole('list', { name: 'Arquivos da resposta' });
    expect(within(files).getByText('Fachada da loja.jpeg')).toBeVisible();
    const answer = screen.getByRole('textbox', { name: /^Resposta para/ });
    await user.type(answer, 'é aqui{Enter}');
    await waitFor(() => expect(sent(bodies)).toHaveLength(1));
    expect(sent(bodies)[0]).toMatchObject({ kind: 'image', media: { media_id: 502, caption: 'é aqui' } });
  });

  it('sends a WebP picture as a sticker, and words before it', async () => {
    const { bodies } = renderApp('/conversas/1042');
    const user = await openFromMenu(/^Figurinhas/);
    const dialog = await screen.findByRole('dialog', { name: 'Figurinhas' });
    await waitFor(() => expect(within(dialog).getAllByRole('option')).toHaveLength(2));
    await waitFor(() => expect(within(dialog).getByRole('combobox')).toHaveFocus());
    await user.keyboard('{ArrowRight}{Enter}');
    await screen.findByRole('list', { name: 'Arquivos da resposta' });
    await user.type(screen.getByRole('textbox', { name: /^Resposta para/ }), 'Bom dia!{Enter}');
    await waitFor(() => expect(sent(bodies)).toHaveLength(2));
    expect(sent(bodies)[0]).toMatchObject({ kind: 'text', text: 'Bom dia!' });
    expect(sent(bodies)[1]).toMatchObject({ kind: 'sticker', media: { media_id: 504 } });
  });

  it('teaches where files come from while there is none', async () => {
    renderApp('/conversas/1042', (api) => void api.library.splice(0));
    await openFromMenu(/^Biblioteca de mídias/);
    expect(await screen.findByText('A biblioteca está vazia')).toBeVisible();
    expect(screen.getByRole('link', { name: 'Abrir a biblioteca nos Ajustes' })).toHaveAttribute('href', '/ajustes?secao=biblioteca');
  });
});
