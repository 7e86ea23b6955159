import { describe, expect, it } from 'vitest';
import { answersOf } from './form-answers';

const words = { yes: 'Sim', no: 'Não' };

describe('the answers of a form', () => {
  it('are shown by what was asked and chosen, without what the form sends along', () => {
    const response = { flow_token: 'pesq-77', tela_0_Nota_0: '0_Excelente', screen_1_Comentario_1: 'Muito bom, ágil', itens: ['a', '1_B_c'], aceita: true, vazio: null };
    expect(answersOf(response, words)).toEqual([
      { name: 'Nota', value: 'Excelente' },
      { name: 'Comentario', value: 'Muito bom, ágil' },
      { name: 'itens', value: 'a, B c' },
      { name: 'aceita', value: 'Sim' },
      { name: 'vazio', value: '' },
    ]);
  });

  it('include those that lie inside another one, and keep numbers and dates as they are', () => {
    expect(answersOf({ values: { city: 'Recife', number: 42 }, dia: '2026-11-30', telefone: '5581988880001' }, words)).toEqual([
      { name: 'city', value: 'Recife' },
      { name: 'number', value: '42' },
      { name: 'dia', value: '2026-11-30' },
      { name: 'telefone', value: '5581988880001' },
    ]);
  });

  it('are one text where the response is none, and nothing where it is empty', () => {
    expect(answersOf('não é JSON', words)).toEqual([{ name: '', value: 'não é JSON' }]);
    expect(answersOf('', words)).toEqual([]);
    expect(answersOf(undefined, words)).toEqual([]);
  });
});
