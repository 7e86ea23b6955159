import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type { Content } from '@/api/types';
import { MessageContent } from './message-content';

function show(content: Content) {
  render(<MessageContent content={content} sender="Ana" />);
}

it('shows the answers of a form, and not the word that came with them', async () => {
  show({ kind: 'form_reply', form_reply: { name: 'flow', text: 'Sent', response: { tela_0_Nota_0: '0_Excelente' } } });
  expect(await screen.findByText('Excelente')).toBeVisible();
  expect(screen.getByText('Nota')).toBeVisible();
  expect(screen.queryByText('Sent')).not.toBeInTheDocument();
});

it('shows the addresses, links and birthday of a card', async () => {
  show({
    kind: 'contacts',
    contacts: [{ name: { formatted: 'Zé' }, addresses: [{ street: 'Rua A, 1', city: 'Recife' }], urls: [{ url: 'https://loja.example' }], birthday: '1990-05-01' }],
  });
  expect(await screen.findByText('Rua A, 1, Recife')).toBeVisible();
  expect(screen.getByRole('link', { name: 'https://loja.example' })).toHaveAttribute('rel', expect.stringContaining('noopener'));
  expect(screen.getByText('Aniversário: 01/05/1990')).toBeVisible();
});

it('shows header and buttons of a template, with where they lead', async () => {
  show({
    kind: 'template',
    text: 'Olá Ana',
    header: { kind: 'text', text: 'Pedido 7' },
    buttons: [
      { id: '', title: 'Sim' },
      { id: 'https://a.example/x', title: 'Ver' },
      { id: 'PROMO', title: 'Copiar' },
    ],
    template: { name: 'aviso', language: 'pt_BR' },
  });
  expect(screen.getByText('Pedido 7')).toBeVisible();
  expect(await screen.findByText('PROMO')).toBeVisible();
  expect(screen.getByText('https://a.example/x')).toBeVisible();
});

it('says that an edit came without its words, and why Meta does not deliver a message', async () => {
  show({ kind: 'edit', edit: { target: {} } });
  expect(await screen.findByText(/não disse o texto novo/)).toBeVisible();
  show({ kind: 'unsupported', unsupported: { code: 131_052, reason: 'Size exceeds limit.' } });
  expect(await screen.findByText(/menor ou em outro formato/)).toBeVisible();
  expect(screen.getByText('Motivo da Meta: Size exceeds limit.')).toBeVisible();
});

it('asks for a lost file once more, and says why that is refused', async () => {
  const answers = [new Response(JSON.stringify({ code: 'conflict', key: 'media.not_lost', detail: 'x', status: 409 }), { status: 409, headers: { 'Content-Type': 'application/problem+json' } }), new Response(JSON.stringify({ id: 7, state: 'pending' }), { headers: { 'Content-Type': 'application/json' } })];
  const asked = vi.spyOn(globalThis, 'fetch').mockImplementation(() => Promise.resolve(answers.shift()!));
  const file = { id: 7, state: 'failed' as const, kind: 'document', mime_type: 'application/pdf', filename: 'a.pdf', created_at: '2026-11-20T12:00:00Z' };
  render(<MessageContent content={{ kind: 'document', media: { media_id: 7 } }} file={file} sender="Ana" />);
  const user = userEvent.setup();
  await user.click(await screen.findByRole('button', { name: 'Buscar de novo' }));
  expect(await screen.findByRole('alert')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Buscar de novo' }));
  expect(await screen.findByRole('status')).toHaveTextContent('Buscando o arquivo');
  expect(asked.mock.calls.map(([request]) => new URL((request as Request).url).pathname)).toEqual(['/v1/media/7/fetch-again', '/v1/media/7/fetch-again']);
  asked.mockRestore();
});

it('draws the cards of a carousel with their links, and items of the catalogue with their codes', async () => {
  show({
    kind: 'carousel',
    text: 'Ofertas',
    carousel: [
      { header: { kind: 'image', media: { media_id: 5 } }, text: 'Cafeteira', cta: { text: 'Comprar', url: 'https://loja.example/1' } },
      { header: { kind: 'image', media: { url: 'https://cdn.example/2.jpg' } }, text: 'Moedor', cta: { text: 'Ver', url: 'javascript:alert(1)' } },
    ],
  });
  const cards = await screen.findByRole('list', { name: 'Carrossel' });
  expect(within(cards).getAllByRole('listitem')).toHaveLength(2);
  expect(within(cards).getByRole('link', { name: /Comprar/ })).toHaveAttribute('href', 'https://loja.example/1');
  expect(within(cards).getByRole('link', { name: /Arquivo por link/ })).toHaveAttribute('href', 'https://cdn.example/2.jpg');
  expect(within(cards).queryByRole('link', { name: /^Ver/ })).not.toBeInTheDocument();

  show({ kind: 'product_list', text: 'Veja', header: { kind: 'text', text: 'Loja' }, product_list: { catalog_id: 'C9', sections: [{ title: 'Cafés', product_ids: ['graos-1kg', 'graos-500g'] }] } });
  const items = await screen.findByRole('region', { name: 'Produtos' });
  expect(within(items).getByText('Cafés')).toBeVisible();
  expect(within(items).getByText('Item graos-500g')).toBeVisible();
  expect(within(items).getByText('Catálogo C9')).toBeVisible();

  show({ kind: 'product', product: { catalog_id: 'C9', product_id: 'moedor-02' } });
  expect(await screen.findByText('Item moedor-02')).toBeVisible();
  show({ kind: 'catalog', text: 'Tudo', catalog: { thumbnail_product_id: 'capa-1' } });
  expect(await screen.findByText('Item capa-1')).toBeVisible();
  expect(screen.getByText('Abre o catálogo')).toBeVisible();
});
