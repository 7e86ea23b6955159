import type { Conversation, Filter, SavedView } from '../../api/types';
import { problem, type MockAnswer, type MockApi } from './api.ts';
import { me } from './people.ts';

/** Whether a conversation meets a filter, as far as the mock knows its fields. */
export function meets(each: Conversation, filter: Filter): boolean {
  if (filter.not) return !meets(each, filter.not);
  if (filter.or) return filter.or.length === 0 || filter.or.some((part) => meets(each, part));
  if (!filter.field) return (filter.and ?? []).every((part) => meets(each, part));
  const values = Array.isArray(filter.value) ? filter.value.map(String) : [];
  const is = (have: readonly (string | number | undefined)[]) => {
    const texts = have.flatMap((value) => (value === undefined ? [] : [String(value)]));
    if (filter.op === 'empty' || filter.op === 'present') return (texts.length > 0) === (filter.op === 'present');
    return texts.some((text) => values.includes(text)) === (filter.op === 'in');
  };
  const { ticket } = each;
  switch (filter.field) {
    case 'state':
      return is([ticket ? (ticket.snoozed ? 'snoozed' : ticket.state) : 'none']);
    case 'queue':
      return is([ticket?.queue?.id]);
    case 'agent':
      return is([ticket?.agent?.id, ...(ticket?.agent?.id === me.user.id ? ['me'] : [])]);
    case 'label':
      return is(each.labels.map(({ id }) => id));
    case 'window':
      return is([each.window_state]);
    case 'priority':
      return is([each.priority]);
    case 'unread':
      return (each.unread_count > 0 || each.marked_unread) === filter.value;
    default:
      return true;
  }
}

/** The filters that a request asks for. */
export function filtersIn(api: MockApi | undefined, q: URLSearchParams): Filter[] {
  const view = api?.views.find(({ id }) => String(id) === q.get('view_id'));
  return [...(view ? [view.filter] : []), ...(q.has('filter') ? [JSON.parse(q.get('filter') ?? '{}') as Filter] : [])];
}

/** What the API answers about saved views; undefined: it is about something else. */
export function viewsAnswer(api: MockApi, method: string, url: URL, body: string): MockAnswer | undefined {
  const asked = url.searchParams.get('view_id');
  if (asked !== null && !api.views.some(({ id }) => String(id) === asked)) return problem(404, 'not_found', 'There is no such view.');
  const match = /^\/v1\/views(?:\/(counts|order|\d+))?$/.exec(url.pathname);
  if (!match) return undefined;
  const page = (data: unknown) => ({ status: 200, body: { data, next_cursor: null, has_more: false } });
  if (match[1] === 'counts') {
    return page(
      api.views.map(({ id, filter }) => {
        const found = api.conversations.filter((each) => meets(each, filter));
        return { id, total: found.length, unread: found.filter((each) => each.unread_count > 0).length };
      }),
    );
  }
  if (match[1] === 'order') {
    const { ids } = JSON.parse(body) as { ids: number[] };
    api.views.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
    return { status: 204, body: undefined };
  }
  const at = api.views.findIndex(({ id }) => id === Number(match[1]));
  if (match[1] === undefined && method === 'GET') return page(api.views);
  if (match[1] !== undefined && at === -1) return problem(404, 'not_found', 'There is no such view.');
  if (method === 'DELETE') {
    api.views.splice(at, 1);
    return { status: 204, body: undefined };
  }
  if (method === 'GET') return { status: 200, body: api.views[at] };
  const now = new Date().toISOString();
  const old: SavedView = api.views[at] ?? { id: 700 + api.views.length, name: '', filter: {}, sharing: 'private', queues: [], editable: true, created_at: now, updated_at: now };
  const next = { ...old, ...(JSON.parse(body) as Partial<SavedView>) };
  if (at === -1) api.views.push(next);
  else api.views[at] = next;
  return { status: at === -1 ? 201 : 200, body: next };
}
