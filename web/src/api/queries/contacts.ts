import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import type { components } from '../schema.gen';
import type { ContactDetail } from '../types';
import { after, PAGE, pageByPage } from './pages';

/** What narrows the list of contacts. */
export interface ContactFilters {
  q?: string;
  blocked?: 'true' | 'false';
}

/** Keys of contacts. */
export const contactKeys = {
  all: ['contacts'] as const,
  lists: ['contacts', 'list'] as const,
  list: (filters: ContactFilters) => ['contacts', 'list', filters] as const,
  one: (id: number) => ['contacts', id] as const,
};

/** A contact with how providers know it. */
export function contactQuery(id: number) {
  return queryOptions({
    queryKey: contactKeys.one(id),
    queryFn: ({ signal }) => ask(api.GET('/v1/contacts/{id}', { params: { path: { id } }, signal })),
  });
}

/** The contacts that the user may see, the latest first. */
export function contactsQuery(filters: ContactFilters) {
  return infiniteQueryOptions({
    queryKey: contactKeys.list(filters),
    queryFn: ({ pageParam, signal }) => ask(api.GET('/v1/contacts', { params: { query: { limit: PAGE, ...filters, ...after(pageParam) } }, signal })),
    ...pageByPage,
  });
}

/** Makes a contact that has not written yet (rule 194). */
export function createContact(body: components['schemas']['CreateContactInBody']): Promise<ContactDetail> {
  return ask(api.POST('/v1/contacts', { body }));
}

/** What can be changed of a contact: what is left out stays. */
export type ContactChange = components['schemas']['UpdateContactInBody'];

/** Changes a contact. */
export function updateContact(id: number, change: ContactChange): Promise<ContactDetail> {
  return ask(api.PATCH('/v1/contacts/{id}', { params: { path: { id } }, body: change }));
}

/** Blocks a contact, or unblocks one (rules 191, 192). */
export function blockContact(id: number, block: boolean): Promise<unknown> {
  const path = { params: { path: { id } } };
  return block ? ask(api.POST('/v1/contacts/{id}/block', path)) : ask(api.POST('/v1/contacts/{id}/unblock', path));
}
