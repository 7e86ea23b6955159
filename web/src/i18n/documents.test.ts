import { describe, expect, it } from 'vitest';
import { cnpjShown, cpfShown, isCnpj, isCpf, isDay, isEmail, phoneDigits, phoneWritings } from './documents';

describe('documents of people and companies', () => {
  it('are checked by their digits, however they are written', () => {
    expect(['123.456.789-09', '12345678909'].map(isCpf)).toEqual([true, true]);
    expect(['123.456.789-00', '111.111.111-11', '1234567890', ''].map(isCpf)).toEqual([false, false, false, false]);
    // Of digits, and with letters as the Receita gives since 2026.
    expect(['11.222.333/0001-81', '12.ABC.345/01DE-35', '12abc34501de35'].map(isCnpj)).toEqual([true, true, true]);
    expect(['11.222.333/0001-80', '12.ABC.345/01DE-36', '00000000000000', '12ABC34501DEX5'].map(isCnpj)).toEqual([false, false, false, false]);
    expect([cpfShown('12345678909'), cnpjShown('12abc34501de35'), cpfShown('x')]).toEqual(['123.456.789-09', '12.ABC.345/01DE-35', 'x']);
  });

  it('are real days and possible addresses', () => {
    expect(['1988-04-12', '2024-02-29', '2023-02-29', '12/04/1988', '1800-01-01'].map(isDay)).toEqual([true, true, false, false, false]);
    expect(['ana@loja.example', 'ana@loja', 'a b@c.d', '@c.d'].map(isEmail)).toEqual([true, false, false, false]);
  });
});

describe('a phone in an address (rules 243, Z19)', () => {
  it('may have hyphens, spaces and a plus, and nothing else', () => {
    expect(['21999999999', '21 99999-9999', '+55 21 99999-9999', '5521999999999', '021999999999'].map(phoneDigits)).toEqual(Array(5).fill('5521999999999'));
    expect(phoneDigits('+1 415 555 2671')).toBe('14155552671');
    expect(['(21) 99999-9999', '21.99999.9999', 'abc', '999', ''].map(phoneDigits)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  it('is one with and without the ninth digit', () => {
    expect(phoneWritings('5521999999999')).toEqual(['5521999999999', '552199999999']);
    expect(phoneWritings('552199999999')).toEqual(['552199999999', '5521999999999']);
    expect(phoneWritings('552133334444')).toEqual(['552133334444']);
    expect(phoneWritings('14155552671')).toEqual(['14155552671']);
  });
});
