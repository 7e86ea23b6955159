import { describe, expect, it } from 'vitest';
import type { Template } from '@/api/types';
import { contentOf, findTemplates, knownValues, missingOf, shapeOf } from './template-parts';

const template = (components: unknown, part: Partial<Template> = {}): Template => ({
  id: 1,
  connection_id: 1,
  name: 'pedido_a_caminho',
  language: 'pt_BR',
  category: 'UTILITY',
  status: 'APPROVED',
  parameter_format: 'positional',
  components,
  quality: 'GREEN',
  synced_at: '2026-11-20T12:00:00Z',
  ...part,
});

const whole = template([
  { type: 'HEADER', format: 'IMAGE', example: { header_handle: ['https://x/y.png'] } },
  { type: 'BODY', text: 'Olá {{1}}, o pedido {{2}} saiu.', example: { body_text: [['João', '20931']] } },
  { type: 'FOOTER', text: 'Loja Exemplo' },
  {
    type: 'BUTTONS',
    buttons: [
      { type: 'QUICK_REPLY', text: 'Falar com alguém' },
      { type: 'URL', text: 'Rastrear', url: 'https://loja.example/r/{{1}}', example: ['https://loja.example/r/ABC'] },
      { type: 'COPY_CODE', text: 'Copiar', example: 'CUPOM10' },
    ],
  },
]);

describe('what a template wants', () => {
  it('lists every parameter with its example', () => {
    expect(shapeOf(whole).fields.map(({ key, kind, example }) => [key, kind, example])).toEqual([
      ['header', 'image', ''],
      ['body.1', 'text', 'João'],
      ['body.2', 'text', '20931'],
      ['button.1', 'text', 'ABC'],
      ['button.2', 'text', 'CUPOM10'],
    ]);
  });

  it('becomes the message the provider and the contact get', () => {
    const shape = shapeOf(whole);
    const values = {
      words: { 'body.1': 'Marina', 'body.2': '7', 'button.1': 'XYZ', 'button.2': 'NATAL' },
      files: { header: { media_id: 9 } },
    };
    expect(missingOf(shape, values)).toEqual([]);
    expect(contentOf(whole, shape, values)).toEqual({
      kind: 'template',
      text: 'Olá Marina, o pedido 7 saiu.',
      footer: 'Loja Exemplo',
      template: {
        name: 'pedido_a_caminho',
        language: 'pt_BR',
        category: 'utility',
        header: { kind: 'image', media: { media_id: 9 } },
        body: [{ text: 'Marina' }, { text: '7' }],
        buttons: [
          { index: 1, kind: 'url', text: 'XYZ' },
          { index: 2, kind: 'copy_code', text: 'NATAL' },
        ],
      },
    });
  });

  it('names variables where the template does, and shows an empty one as it is written', () => {
    const named = template(
      [
        { type: 'HEADER', format: 'TEXT', text: 'Oi {{nome}}', example: { header_text_named_params: [{ param_name: 'nome', example: 'João' }] } },
        { type: 'BODY', text: '{{nome}}, seu ticket {{ticket}}', example: { body_text_named_params: [{ param_name: 'ticket', example: 'T1' }] } },
      ],
      { parameter_format: 'named' },
    );
    const shape = shapeOf(named);
    const values = { words: { 'header.nome': 'Rui', 'body.nome': 'Rui' }, files: {} };
    expect(missingOf(shape, values).map((field) => field.key)).toEqual(['body.ticket']);
    expect(contentOf(named, shape, values)).toMatchObject({
      header: { kind: 'text', text: 'Oi Rui' },
      text: 'Rui, seu ticket {{ticket}}',
      template: { header: { kind: 'text', name: 'nome', text: 'Rui' }, body: [{ name: 'nome', text: 'Rui' }, { name: 'ticket', text: '' }] },
    });
  });

  it('fills the cards of a carousel each for itself', () => {
    const carousel = template([
      { type: 'BODY', text: 'Ofertas' },
      {
        type: 'CAROUSEL',
        cards: [
          { components: [{ type: 'HEADER', format: 'IMAGE' }, { type: 'BODY', text: 'Por {{1}}' }] },
          { components: [{ type: 'HEADER', format: 'IMAGE' }, { type: 'BODY', text: 'Por {{1}}' }] },
        ],
      },
    ]);
    const shape = shapeOf(carousel);
    expect(shape.fields.map((field) => [field.key, field.card])).toEqual([
      ['card.0.header', 1],
      ['card.0.body.1', 1],
      ['card.1.header', 2],
      ['card.1.body.1', 2],
    ]);
    const content = contentOf(carousel, shape, { words: { 'card.0.body.1': '10', 'card.1.body.1': '20' }, files: { 'card.0.header': { media_id: 1 } } });
    expect(content.template?.cards).toEqual([{ header: { kind: 'image', media: { media_id: 1 } }, body: [{ text: '10' }] }, { body: [{ text: '20' }] }]);
  });

  it('knows what it cannot fill, and what it cannot read', () => {
    expect(shapeOf(template([{ type: 'HEADER', format: 'LOCATION' }])).unsupported).toBe(true);
    expect(shapeOf(template('?')).unsupported).toBe(true);
    expect(shapeOf(whole).unsupported).toBe(false);
  });

  it('fills in the names it knows (rule 258)', () => {
    const shape = shapeOf(template([{ type: 'BODY', text: '{{nome}} {{atendente}} {{pedido}}' }]));
    expect(knownValues(shape, 'Marina Albuquerque', 'Ana')).toEqual({ 'body.nome': 'Marina', 'body.atendente': 'Ana' });
  });
});

describe('the search for a template', () => {
  const all = [whole, template([], { name: 'codigo_de_acesso', category: 'AUTHENTICATION' }), template([], { name: 'oferta_semana', category: 'MARKETING' })];
  const names = (search: string) => findTemplates(all, search, ({ category }) => ({ UTILITY: 'Utilidade', MARKETING: 'Marketing' })[category] ?? 'Autenticação').map((each) => each.name);

  it('finds by part of the name, without accents, and by the category as a word (rule 098)', () => {
    expect(names('caminho')).toEqual(['pedido_a_caminho']);
    expect(names('Código de')).toEqual(['codigo_de_acesso']);
    expect(names('Utilidade')).toEqual(['pedido_a_caminho']);
    expect(names('marketing oferta')).toEqual(['oferta_semana']);
    expect(names('')).toHaveLength(3);
  });
});
