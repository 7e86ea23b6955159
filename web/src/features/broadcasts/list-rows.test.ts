import { describe, expect, it } from 'vitest';
import { listRows } from './list-rows';

describe('a list of a broadcast', () => {
  it('reads the names of its columns, whatever separates them', () => {
    const want = { rows: [{ phone: '81 98888-0001', name: 'Ana', values: { cupom_de_maio: 'A1' } }], columns: ['cupom_de_maio'] };
    expect(listRows('Telefone;Nome;Cupom de maio\n81 98888-0001;Ana;A1\n')).toEqual(want);
    expect(listRows('Nome\tCelular\tCupom de maio\r\nAna\t81 98888-0001\tA1')).toEqual(want);
    expect(listRows('nome,telefone,"Cupom de maio"\nAna,81 98888-0001,A1')).toEqual(want);
  });
  it('takes a column of phones alone, and skips lines without one', () => {
    expect(listRows('81988880001\n\n 81988880002 \n')).toEqual({ rows: [{ phone: '81988880001' }, { phone: '81988880002' }], columns: [] });
  });
  it('names columns that have no name by their place', () => {
    expect(listRows('81988880001;Ana;A1\n81988880002;Bia;').rows).toEqual([{ phone: '81988880001', name: 'Ana', values: { coluna_3: 'A1' } }, { phone: '81988880002', name: 'Bia' }]);
  });
  it('leaves quotes and formulas as text', () => {
    expect(listRows('telefone;obs\n81988880001;"=1+1; ""x"""').rows).toEqual([{ phone: '81988880001', values: { obs: '=1+1; "x"' } }]);
  });
});
