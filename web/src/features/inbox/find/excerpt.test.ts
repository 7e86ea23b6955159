import { describe, expect, it } from 'vitest';
import { excerptOf, placesOf } from './excerpt';

describe('a hit in a text', () => {
  it('is found without accents and capitals, and shown as it was written', () => {
    expect(excerptOf('A Promoção de verão acabou', 'promocao')).toEqual({ before: 'A ', hit: 'Promoção', after: ' de verão acabou' });
    expect(excerptOf('coracao', 'CORAÇÃO')).toEqual({ before: '', hit: 'coracao', after: '' });
  });

  it('counts characters that fold to several or to none', () => {
    // “ﬁ” stays one character, a combining accent becomes none.
    expect(placesOf('cafe\u0301 e cafe', 'cafe')).toEqual([[0, 5], [8, 12]]);
    expect(placesOf('👋 olá 👋 ola', 'ola')).toEqual([[3, 6], [10, 13]]);
  });

  it('stands near the beginning of its row', () => {
    const { before, hit } = excerptOf('Muito bom dia, tudo bem com vocês aí da loja? Queria saber do boleto', 'boleto');
    expect(hit).toBe('boleto');
    expect(before).toBe('…loja? Queria saber do ');
  });

  it('is none where the words are not, or nothing is sought', () => {
    expect(placesOf('boleto', '  ')).toEqual([]);
    expect(excerptOf('boleto', 'pix')).toEqual({ before: 'boleto', hit: '', after: '' });
  });
});
