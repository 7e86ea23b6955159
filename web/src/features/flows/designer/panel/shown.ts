import { isObject, type Json } from '../document/document';

/** Settings that decide how a reply is waited for: a group of their own, folded. */
export const ASKING = ['attempts', 'invalid_text', 'help_text', 'timeout', 'reminders', 'debounce'] as const;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const TEXTS = new Set(['', 'text']);
const NUMBERS = new Set(['number', 'rating']);
const CHOICES = new Set(['choice', 'multiple_choice']);
const FILES = new Set(['file', 'image', 'audio', 'video']);
const STORES = ['save_to', 'field'] as const;

const ITEM: Record<string, readonly string[]> = {
  text: ['text'],
  image: ['media', 'text'],
  video: ['media', 'text'],
  audio: ['media'],
  voice: ['media'],
  document: ['media', 'text'],
  sticker: ['media'],
  location: ['location'],
  contact: ['contacts'],
  buttons: ['text', 'options'],
  list: ['text', 'button', 'options'],
  cta_url: ['text', 'button', 'url'],
  location_request: ['text'],
  carousel: ['text', 'cards'],
  product: ['product', 'text'],
  product_list: ['header', 'text', 'products'],
  catalog: ['text', 'thumbnail'],
  save: ['text', 'save'],
};
const ITEM_MORE: Record<string, readonly string[]> = {
  text: ['preview_url'],
  buttons: ['header_media', 'header', 'footer', 'media', 'dynamic'],
  list: ['header', 'footer', 'header_media', 'dynamic'],
  cta_url: ['header_media', 'header', 'footer'],
  product: ['footer'],
  product_list: ['footer'],
  catalog: ['footer'],
};

/** The settings that are asked first, and those behind “more”. */
export interface Shown {
  first: readonly string[];
  more: readonly string[];
}

const ACTION: Record<string, readonly string[]> = {
  add_label: ['label'],
  remove_label: ['label'],
  set_field: ['field', 'value'],
  clear_field: ['field'],
  note: ['text', 'due', 'agent'],
  priority: ['priority'],
};
const OPENING: Record<string, readonly string[]> = {
  queue: ['queue'],
  random: ['queue', 'online_only'],
  sequential: ['queue', 'online_only'],
  agent: ['agent'],
  last_agent: ['fallback_queue'],
};

function question({ type: given }: Json): Shown {
  const type = text(given);
  const first = ['text', 'type', ...(CHOICES.has(type) ? ['options', 'style'] : []), ...STORES];
  const more = [
    'skip_if_set',
    'media',
    ...(TEXTS.has(type) ? ['min_length', 'max_length', 'pattern'] : []),
    ...(NUMBERS.has(type) ? ['min', 'max', ...(type === 'number' ? ['whole'] : [])] : []),
    ...(type === 'date' || type === 'time' ? ['earliest', 'latest'] : []),
    ...(CHOICES.has(type) ? ['button', 'dynamic', ...(type === 'multiple_choice' ? ['at_least', 'at_most'] : [])] : []),
    ...(FILES.has(type) ? ['several', 'mime', 'max_bytes'] : []),
  ];
  return { first, more };
}

function wait({ mode: given }: Json): Shown {
  const mode = text(given) || 'duration';
  const first = ['mode', ...({ duration: ['duration'], until: ['until', 'offset'], clock: ['clock', 'weekdays'], hours: ['of', 'id'], reply: ['timeout', ...STORES] }[mode] ?? [])];
  return { first, more: mode === 'reply' ? ['reminders', 'debounce'] : ['cancel_on_reply', 'cancel_if'] };
}

function http({ body_kind: given }: Json): Shown {
  const body = { json: ['json'], form: ['form'], raw: ['raw', 'content_type'] }[text(given)] ?? [];
  return {
    first: ['method', 'url', 'query', 'headers', 'body_kind', ...body, 'save'],
    more: ['save_status', 'save_body', 'timeout', 'retry', 'idempotency_key', 'follow_redirects'],
  };
}

const RULES: Record<string, (value: Json) => Shown> = {
  menu_settings: ({ source }) => ({
    first: ['text', ...(source === 'queues' ? [] : ['options']), 'style', ...STORES],
    more: ['source', ...(source === 'list' ? ['dynamic'] : []), ...(source === 'queues' ? ['options'] : []), 'header_media', 'header', 'footer', 'button'],
  }),
  question_settings: question,
  wait_settings: wait,
  http_settings: http,
  template_settings: ({ replies }) => ({
    first: ['name', 'language', 'params', 'replies', ...(Array.isArray(replies) && replies.length > 0 ? STORES : [])],
    more: ['header_text', 'header_media', 'header_location', 'buttons', 'confirm'],
  }),
  content_item: ({ kind }) => ({ first: ['kind', ...(ITEM[text(kind)] ?? [])], more: ITEM_MORE[text(kind)] ?? [] }),
  content_settings: ({ items }) => {
    const last: unknown = Array.isArray(items) ? items.at(-1) : undefined;
    const chooses = isObject(last) && (last.kind === 'buttons' || last.kind === 'list');
    return { first: ['items', ...(chooses ? STORES : [])], more: [] };
  },
  action: ({ do: what, mode }) =>
    what === 'open_ticket'
      ? { first: ['do', 'mode', ...(OPENING[text(mode)] ?? []), 'announce'], more: ['ignore_default_agent', 'suspend'] }
      : { first: ['do', ...(ACTION[text(what)] ?? [])], more: [] },
  assignment: ({ op: given }) => {
    const op = text(given) || 'value';
    const rest = { value: ['value'], append: ['value'], expression: ['expression'], pick: ['from', 'which'], pop: ['from'], shift: ['from'], random_number: ['min', 'max'] }[op] ?? [];
    return { first: ['name', 'op', ...rest], more: ['type'] };
  },
  choice_option: () => ({ first: ['title'], more: ['description', 'synonyms', 'value', 'section', 'payload', 'id'] }),
  branch: () => ({ first: ['label', 'weight'], more: ['id'] }),
  case: () => ({ first: ['label', 'op', 'values'], more: ['exact', 'id'] }),
  template_reply: () => ({ first: ['title', 'index'], more: ['id', 'payload'] }),
  carousel_card: () => ({ first: ['media', 'text', 'button', 'url'], more: ['kind'] }),
  card_source: () => ({ first: ['name', 'phones'], more: ['emails', 'org', 'addresses', 'urls', 'birthday'] }),
  media_source: () => ({ first: ['url'], more: ['id', 'variable', 'filename', 'mime', 'size'] }),
  hours_settings: ({ of: whose }) => ({ first: ['of', ...(whose === 'account' ? [] : ['id'])], more: [] }),
  mapping: () => ({ first: ['to', 'path'], more: ['expression', 'type', 'required'] }),
  end_settings: () => ({ first: ['outcome', 'close_ticket'], more: [] }),
  jump_settings: ({ flow }) => ({ first: ['node', 'flow', ...(text(flow) !== '' || typeof flow === 'number' ? ['inputs'] : [])], more: [] }),
  keyword_trigger: () => ({ first: ['words', 'match'], more: ['connections', 'hours', 'queue'] }),
  inbound_trigger: () => ({ first: ['on', 'guard'], more: ['connections', 'hours', 'queue'] }),
  button_trigger: () => ({ first: ['payloads'], more: ['connections', 'hours', 'queue'] }),
};

/** The settings of a part that matter for what it holds. What is filled in and does not matter is under “more”, never gone. */
export function shownOf(part: string, keys: readonly string[], value: Json): Shown {
  const rule = RULES[part];
  const waits = keys.includes('attempts') && part !== 'retry_settings';
  const { first, more } = rule?.(value) ?? { first: keys.filter((key) => !waits || !isAsking(key)), more: [] };
  const known = (key: string) => keys.includes(key);
  const left = keys.filter((key) => value[key] !== undefined && !first.includes(key) && !more.includes(key) && !(waits && isAsking(key)));
  return { first: first.filter(known), more: [...more.filter(known), ...left] };
}

/** Whether a key belongs to how a reply is waited for. */
export function isAsking(key: string): boolean {
  return ASKING.some((each) => each === key);
}

/** Whether a node with these settings waits for a reply at all. */
export function waitsForReply(kind: string, { items, replies, mode }: Json): boolean {
  if (kind === 'menu' || kind === 'question') return true;
  if (kind === 'template') return Array.isArray(replies) && replies.length > 0;
  if (kind === 'wait') return mode === 'reply';
  return kind === 'content' && Array.isArray(items) && items.some((each) => isObject(each) && ['buttons', 'list', 'location_request', 'save'].includes(text(each.kind)));
}
