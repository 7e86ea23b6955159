import type { Notification } from '../../api/types';
import { problem, type MockAnswer } from './api.ts';

/** What the API answers about the bell; undefined: it is about something else. */
export function bellAnswer(bell: Notification[], method: string, path: string, body: string): MockAnswer | undefined {
  if (path === '/v1/notifications' && method === 'GET') return { status: 200, body: { data: structuredClone(bell), next_cursor: null, has_more: false } };
  if (path !== '/v1/notifications/seen' && path !== '/v1/notifications/clear') return undefined;
  const { ids = [], conversation_id: conversation } = JSON.parse(body) as { ids?: number[]; conversation_id?: number };
  const found = bell.filter((each) => ids.includes(each.id) || each.conversation_id === conversation);
  if (found.length === 0 && conversation === undefined) return problem(404, 'not_found', 'None of these entries is in your bell.');
  for (const each of found) {
    if (path.endsWith('/seen')) each.seen = true;
    else bell.splice(bell.indexOf(each), 1);
  }
  return { status: 204, body: undefined };
}
