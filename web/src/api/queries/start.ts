import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import type { components } from '../schema.gen';
import type { Contact, Conversation, StartedConversation } from '../types';

/** The connections one may write by, without what only administrators see. */
export const sendingConnectionsQuery = queryOptions({
  queryKey: ['connections', 'sending'],
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/sending-connections', { signal }))).data,
});

/** Contacts by part of the name, the phone or the e-mail. */
export async function searchContacts(text: string, signal?: AbortSignal): Promise<Contact[]> {
  return (await ask(api.GET('/v1/contacts', { params: { query: { q: text, limit: 8 } }, ...(signal && { signal }) }))).data;
}

/** The newest conversation with a contact. */
export async function newestConversationOf(contact: number): Promise<Conversation | null> {
  const page = await ask(api.GET('/v1/conversations', { params: { query: { contact_id: contact, limit: 1 } } }));
  return page.data[0] ?? null;
}

/** Writes first, and opens the ticket when asked to. */
export function startConversation(body: components['schemas']['StartConversationInBody']): Promise<StartedConversation> {
  return ask(api.POST('/v1/conversations', { body }));
}
