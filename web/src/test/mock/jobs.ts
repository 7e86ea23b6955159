import type { BulkJob } from '../../api/types';
import { problem, type MockAnswer, type MockApi } from './api.ts';

/** What the API answers about bulk jobs; undefined: it is about something else. */
export function jobsAnswer(api: MockApi, method: string, path: string, body: string): MockAnswer | undefined {
  const match = /^\/v1\/bulk-jobs(?:\/(\d+)(?:\/(refusals|cancel|undo))?)?$/.exec(path);
  if (!match) return undefined;
  const page = (data: unknown) => ({ status: 200, body: { data, next_cursor: null, has_more: false } });
  if (match[1] === undefined && method === 'GET') return page(api.jobs);
  if (match[1] === undefined) {
    const { action } = JSON.parse(body) as { action: BulkJob['action'] };
    const begun: BulkJob = { id: 40 + api.jobs.length, action, state: 'running', total: 60, done: 0, refused: 0, undone: 0, kept: 0, created_at: new Date().toISOString() };
    api.jobs.unshift(begun);
    return { status: 201, body: begun };
  }
  const found = api.jobs.find(({ id }) => id === Number(match[1]));
  if (!found) return problem(404, 'not_found', 'There is no such job.');
  if (match[2] === 'refusals') return page(api.refusals);
  if (match[2] === 'cancel') found.state = 'cancelled';
  if (match[2] === 'undo') found.state = 'undoing';
  return { status: 200, body: found };
}
