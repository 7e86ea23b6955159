import Papa from 'papaparse';
import type { BroadcastRow } from '@/api/types';
import { folded } from '@/components/template-parts';

/** The most rows that one request takes. */
export const MOST_ROWS = 20_000;

const PHONES = ['telefone', 'phone', 'celular', 'whatsapp', 'numero', 'fone', 'contato'];
const NAMES = ['nome', 'name', 'cliente'];

/** A column's name as the template's texts use it. */
function keyOf(title: string): string {
  return folded(title)
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '');
}

/**
 * The rows of a list that was pasted or opened: phone, name, and further columns by name. Without a line of names the first
 * column is the phone and the second the name.
 */
export function listRows(text: string): { rows: BroadcastRow[]; columns: string[] } {
  const { data } = Papa.parse<string[]>(text.trim(), { skipEmptyLines: 'greedy', delimitersToGuess: ['\t', ';', ',', '|'] });
  const first = data[0] ?? [];
  const titled = !first.some((cell) => cell.replace(/\D/g, '').length >= 8);
  const titles = titled ? first.map(keyOf) : ['telefone', 'nome', ...first.slice(2).map((_, index) => `coluna_${index + 3}`)];
  const phone = Math.max(
    0,
    titles.findIndex((title) => PHONES.includes(title)),
  );
  const name = titles.findIndex((title, index) => index !== phone && NAMES.includes(title));
  const columns = titles.filter((title, index) => title !== '' && index !== phone && index !== name);
  const rows = data.slice(titled ? 1 : 0).flatMap((cells): BroadcastRow[] => {
    const number = cells[phone]?.trim() ?? '';
    if (number === '') return [];
    const values = Object.fromEntries(titles.flatMap((title, index) => (columns.includes(title) && cells[index]?.trim() ? [[title, cells[index].trim()]] : [])));
    const called = name >= 0 ? cells[name]?.trim() : '';
    return [{ phone: number, ...(called && { name: called }), ...(Object.keys(values).length > 0 && { values }) }];
  });
  return { rows, columns };
}
