import { ApiError } from '@/api/problem';
import type { Page } from '@/api/queries/pages';
import type { Option } from '@/components/combobox';
import type { PagedQuery } from '@/components/paged';

/** A row of the sample table. */
export interface Sample {
  id: number;
  name: string;
  queue: string;
  waited: string;
}

const NAMES = ['Marina Albuquerque', 'Cláudia Ferraz', 'Beatriz Antunes', 'Padaria Pão Nosso', 'Thiago Menezes', 'Dona Célia'];

/** Rows for the sample table. */
export const ROWS: Sample[] = NAMES.map((name, place) => ({ id: place + 1, name, queue: place % 2 ? 'Suporte' : 'Vendas', waited: `${place * 7 + 3} min` }));

/** An answer as the server gives it when two fields and the whole are refused. */
export const REFUSED = new ApiError(422, 'invalid', 'Correct the marked fields.', 'req_9f2c41d0', 0, [
  { location: 'body.name', message: 'is taken: choose another' },
  { location: 'body.note', message: 'is longer than 500 characters' },
]);

/** An answer that belongs to no field. */
export const AWAY = new ApiError(503, 'unavailable', 'The database does not answer now: try again.', 'req_9f2c41d0');

/** A query in one of the faces of a list. */
export function query(face: 'full' | 'loading' | 'empty' | 'error' | 'more-failed'): PagedQuery<Sample> {
  const page: Page<Sample> = { data: face === 'empty' ? [] : ROWS, next_cursor: 'x', has_more: face !== 'empty' };
  return {
    data: face === 'loading' || face === 'error' ? undefined : { pages: [page], pageParams: [''] },
    isPending: face === 'loading',
    isError: face === 'error',
    error: face === 'error' ? AWAY : null,
    hasNextPage: page.has_more,
    isFetchingNextPage: false,
    isFetchNextPageError: face === 'more-failed',
    refetch: () => undefined,
    fetchNextPage: () => undefined,
  };
}

/** Queues to choose from. */
export const QUEUES: Option[] = [
  { value: '1', words: 'Vendas', color: '#0f766e' },
  { value: '2', words: 'Suporte', color: '#b45309' },
  { value: '3', words: 'Financeiro', color: '#6d28d9' },
];

const AGENTS: Option[] = NAMES.map((words, place) => ({ value: String(place + 1), words, hint: `atendente${place + 1}@loja.exemplo` }));

/** A search that takes a moment; "erro" makes it fail. */
export function searchAgents(text: string, signal: AbortSignal): Promise<readonly Option[]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      if (text.toLowerCase() === 'erro') reject(AWAY);
      else resolve(AGENTS.filter((each) => each.words.toLowerCase().includes(text.toLowerCase())));
    }, 400);
    signal.addEventListener('abort', () => clearTimeout(timer));
  });
}
