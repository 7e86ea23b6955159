import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import type { CustomField, Survey, SurveyRule } from '../types';

/** What administrators set up for the desk. */
export type SettingKind = 'queues' | 'labels' | 'fields' | 'reasons' | 'surveys';

/** Keys of the settings' screens. */
export const settingsKeys = {
  all: ['settings'] as const,
  list: (kind: SettingKind, archived: boolean) => ['settings', kind, archived] as const,
  users: ['settings', 'users'] as const,
};

const which = (archived: boolean) => ({ query: { archived } });
const at = (id: number) => ({ params: { path: { id } } });

/** The account's queues in the order of the bot's menu, or the archived ones. */
export function queueList(archived: boolean) {
  return queryOptions({
    queryKey: settingsKeys.list('queues', archived),
    queryFn: async ({ signal }) => (await ask(api.GET('/v1/queues', { params: which(archived), signal }))).data,
  });
}

/** The account's labels in their order, or the archived ones. */
export function labelList(archived: boolean) {
  return queryOptions({
    queryKey: settingsKeys.list('labels', archived),
    queryFn: async ({ signal }) => (await ask(api.GET('/v1/labels', { params: which(archived), signal }))).data,
  });
}

/** The account's custom fields in their order, or the archived ones. */
export function fieldList(archived: boolean) {
  return queryOptions({
    queryKey: settingsKeys.list('fields', archived),
    queryFn: async ({ signal }) => (await ask(api.GET('/v1/custom-fields', { params: which(archived), signal }))).data,
  });
}

/** The account's closing reasons in their order, or the archived ones. */
export function reasonList(archived: boolean) {
  return queryOptions({
    queryKey: settingsKeys.list('reasons', archived),
    queryFn: async ({ signal }) => (await ask(api.GET('/v1/closing-reasons', { params: which(archived), signal }))).data,
  });
}

/** The account's surveys in their order, or the archived ones. */
export function surveyList(archived: boolean) {
  return queryOptions({
    queryKey: settingsKeys.list('surveys', archived),
    queryFn: async ({ signal }) => (await ask(api.GET('/v1/surveys', { params: which(archived), signal }))).data,
  });
}

/** Whether closing offers or demands a survey. */
export const surveyRuleQuery = queryOptions({
  queryKey: [...settingsKeys.all, 'survey-rule'] as const,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/surveys/rule', { signal }))).on_closing,
});

/** Says whether closing offers or demands a survey. */
export function saveSurveyRule(how: SurveyRule): Promise<unknown> {
  return ask(api.PUT('/v1/surveys/rule', { body: { on_closing: how } }));
}

/** Changes a survey, or makes one: its scale stays as it began. */
export function saveSurvey(id: number | undefined, scale: Survey['scale'], body: Omit<Survey, 'id' | 'scale' | 'archived_at'>): Promise<unknown> {
  return id === undefined ? ask(api.POST('/v1/surveys', { body: { ...body, scale } })) : ask(api.PATCH('/v1/surveys/{id}', { ...at(id), body }));
}

/** The account's users, for membership of queues. */
export const usersQuery = queryOptions({
  queryKey: settingsKeys.users,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/users', { params: { query: { limit: 100 } }, signal }))).data,
});

/** What can be done with things of each kind. */
export const settingCalls: Record<
  SettingKind,
  { order: (ids: number[]) => Promise<unknown>; archive: (id: number) => Promise<unknown>; restore: (id: number) => Promise<unknown> }
> = {
  queues: {
    order: (ids) => ask(api.PUT('/v1/queues/order', { body: { ids } })),
    archive: (id) => ask(api.DELETE('/v1/queues/{id}', at(id))),
    restore: (id) => ask(api.POST('/v1/queues/{id}/restore', at(id))),
  },
  labels: {
    order: (ids) => ask(api.PUT('/v1/labels/order', { body: { ids } })),
    archive: (id) => ask(api.DELETE('/v1/labels/{id}', at(id))),
    restore: (id) => ask(api.POST('/v1/labels/{id}/restore', at(id))),
  },
  fields: {
    order: (ids) => ask(api.PUT('/v1/custom-fields/order', { body: { ids } })),
    archive: (id) => ask(api.DELETE('/v1/custom-fields/{id}', at(id))),
    restore: (id) => ask(api.POST('/v1/custom-fields/{id}/restore', at(id))),
  },
  reasons: {
    order: (ids) => ask(api.PUT('/v1/closing-reasons/order', { body: { ids } })),
    archive: (id) => ask(api.DELETE('/v1/closing-reasons/{id}', at(id))),
    restore: (id) => ask(api.POST('/v1/closing-reasons/{id}/restore', at(id))),
  },
  surveys: {
    order: (ids) => ask(api.PUT('/v1/surveys/order', { body: { ids } })),
    archive: (id) => ask(api.DELETE('/v1/surveys/{id}', at(id))),
    restore: (id) => ask(api.POST('/v1/surveys/{id}/restore', at(id))),
  },
};

/** Changes a queue, or makes one without an id. */
export function saveQueue(
  id: number | undefined,
  body: { name: string; color: string; bot_order: number; write_lock: boolean; lease_minutes: number; survey_id?: number; members?: number[] },
): Promise<unknown> {
  return id === undefined ? ask(api.POST('/v1/queues', { body })) : ask(api.PATCH('/v1/queues/{id}', { ...at(id), body }));
}

/** Changes a label, or makes one without an id. */
export function saveLabel(id: number | undefined, body: { name: string; color: string; automation_only: boolean }): Promise<unknown> {
  return id === undefined ? ask(api.POST('/v1/labels', { body })) : ask(api.PATCH('/v1/labels/{id}', { ...at(id), body }));
}

/** Changes a closing reason, or makes one without an id. */
export function saveReason(id: number | undefined, body: { name: string }): Promise<unknown> {
  return id === undefined ? ask(api.POST('/v1/closing-reasons', { body })) : ask(api.PATCH('/v1/closing-reasons/{id}', { ...at(id), body }));
}

/** What a custom field is from its beginning: who has it, its key and its kind. */
export type FieldBirth = Pick<CustomField, 'entity' | 'key' | 'kind'>;

/** Changes a custom field, or makes one: birth says what it is. */
export function saveField(
  id: number | undefined,
  birth: FieldBirth,
  body: { name: string; options?: string[]; required: boolean; max_length: number; on_closing: CustomField['on_closing'] },
): Promise<unknown> {
  return id === undefined
    ? ask(api.POST('/v1/custom-fields', { body: { ...birth, ...body } }))
    : ask(api.PATCH('/v1/custom-fields/{id}', { ...at(id), body }));
}
