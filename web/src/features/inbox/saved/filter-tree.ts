import type { Filter, FilterField, FilterOp } from '@/api/types';

/** How a group joins its parts: all of them hold, any of them, or none. */
export type Mode = 'all' | 'any' | 'none';

/** A row of the builder. Its value may be missing while one builds. */
export interface Condition {
  id: number;
  field: FilterField;
  op: FilterOp;
  /** The chosen ids or words, as text. */
  values: string[];
  /** A text, or a number of minutes. */
  value: string;
  /** The custom field. */
  key: string;
}

/** A group of rows and groups. */
export interface Group {
  id: number;
  mode: Mode;
  parts: Part[];
}

/** What stands in a group. */
export type Part = Condition | Group;

export const isGroup = (part: Part): part is Group => 'parts' in part;

/** How a field is compared and what its value looks like. */
export type Shape = 'ids' | 'words' | 'flag' | 'age' | 'text';

const SOME: FilterOp[] = ['in', 'not_in', 'empty', 'present'];
const AGES: FilterOp[] = ['older_than', 'newer_than', 'present', 'empty'];

/** The fields in the order in which people choose. */
export const FIELDS: Record<FilterField, { shape: Shape; ops: FilterOp[] }> = {
  state: { shape: 'words', ops: ['in', 'not_in'] },
  queue: { shape: 'ids', ops: SOME },
  agent: { shape: 'ids', ops: SOME },
  connection: { shape: 'ids', ops: ['in', 'not_in'] },
  label: { shape: 'ids', ops: SOME },
  priority: { shape: 'words', ops: ['in', 'not_in'] },
  unread: { shape: 'flag', ops: ['is'] },
  waiting_since: { shape: 'age', ops: AGES },
  window: { shape: 'words', ops: ['in', 'not_in'] },
  opened_at: { shape: 'age', ops: AGES },
  last_message: { shape: 'age', ops: AGES },
  in_charge: { shape: 'words', ops: ['in', 'not_in'] },
  flow: { shape: 'ids', ops: SOME },
  followed: { shape: 'flag', ops: ['is'] },
  chatbot_off: { shape: 'flag', ops: ['is'] },
  contact_field: { shape: 'text', ops: ['is', 'is_not', 'contains', 'empty', 'present'] },
};

/** How deep groups lie in each other on screen, and how many conditions there are. The server has the same bounds. */
export const MAX_DEPTH = 4;
export const MAX_CONDITIONS = 40;

let last = 0;
const newId = () => (last += 1);

/** A row that looks at a field. */
export function newCondition(field: FilterField = 'state'): Condition {
  const { shape, ops } = FIELDS[field];
  return { id: newId(), field, op: ops[0] ?? 'is', values: [], value: shape === 'flag' ? 'true' : shape === 'age' ? '30' : '', key: '' };
}

/** A group with one row. */
export function newGroup(mode: Mode = 'any', parts: Part[] = [newCondition()]): Group {
  return { id: newId(), mode, parts };
}

/** Whether a row says enough to be asked. */
export function isComplete({ field, op, values, value, key }: Condition): boolean {
  if (field === 'contact_field' && key === '') return false;
  if (op === 'empty' || op === 'present') return true;
  const { shape } = FIELDS[field];
  if (shape === 'ids' || shape === 'words') return values.length > 0;
  if (shape === 'age') return Number.isInteger(Number(value)) && Number(value) >= 1;
  return value !== '';
}

function valueOf({ field, values, value }: Condition): unknown {
  const { shape } = FIELDS[field];
  if (shape === 'ids') return values.map((each) => (each === 'me' ? each : Number(each)));
  if (shape === 'words') return values;
  if (shape === 'flag') return value === 'true';
  return shape === 'age' ? Number(value) : value;
}

/** The filter of a group. Rows that say too little are left out. */
export function filterOf(group: Group): Filter {
  const parts = group.parts.flatMap((part): Filter[] => {
    if (isGroup(part)) return count(part) > 0 ? [filterOf(part)] : [];
    if (!isComplete(part)) return [];
    const { field, op, key } = part;
    return [{ field, op, ...(field === 'contact_field' && { key }), ...(op !== 'empty' && op !== 'present' && { value: valueOf(part) }) }];
  });
  if (group.mode === 'none') return { not: { or: parts } };
  return group.mode === 'all' ? { and: parts } : { or: parts };
}

/** How many rows of a group say enough. */
export function count(group: Group): number {
  return group.parts.reduce((sum, part) => sum + (isGroup(part) ? count(part) : isComplete(part) ? 1 : 0), 0);
}

/** How many rows a group has. */
export function rows(group: Group): number {
  return group.parts.reduce((sum, part) => sum + (isGroup(part) ? rows(part) : 1), 0);
}

function conditionOf({ field = 'state', op = 'in', key = '', value }: Filter): Condition {
  const list = Array.isArray(value) ? value.map(String) : [];
  const single = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  return { id: newId(), field, op, key, values: list, value: single };
}

function partOf(filter: Filter): Part {
  return filter.field ? conditionOf(filter) : treeOf(filter);
}

/** The builder's tree of a filter. The outermost is always a group. */
export function treeOf(filter: Filter): Group {
  const group = (mode: Mode, parts: readonly Filter[]): Group => ({ id: newId(), mode, parts: parts.map(partOf) });
  if (filter.field) return group('all', [filter]);
  if (filter.not) return filter.not.or ? group('none', filter.not.or) : group('none', [filter.not]);
  return filter.or ? group('any', filter.or) : group('all', filter.and ?? []);
}

/** A group in which a part is another one, or gone. */
export function changed(group: Group, id: number, to: Part | undefined): Group {
  return { ...group, parts: group.parts.flatMap((part) => (part.id === id ? (to ? [to] : []) : [isGroup(part) ? changed(part, id, to) : part])) };
}
