import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import type { ContactDetail, ContactNote, Label } from '../types';

/** Keys of the notes about contacts. */
export const contactNoteKeys = {
  of: (contact: number) => ['contact-notes', contact] as const,
};

/** The notes about a contact, newest first (rule 188). */
export function contactNotesQuery(contact: number) {
  return queryOptions({
    queryKey: contactNoteKeys.of(contact),
    queryFn: async ({ signal }) => (await ask(api.GET('/v1/contacts/{id}/notes', { params: { path: { id: contact }, query: { limit: 50 } }, signal }))).data,
  });
}

/** What a note says, until when and to whom. */
export interface NoteBody {
  text: string;
  due_at?: string;
  agent_id?: number;
}

/** Writes a note about a contact. */
export function addContactNote(contact: number, body: NoteBody): Promise<ContactNote> {
  return ask(api.POST('/v1/contacts/{id}/notes', { params: { path: { id: contact } }, body }));
}

/** Changes a note. The body is the whole of it: a date that is left out goes, and agent 0 is nobody. */
export function changeContactNote(id: number, body: NoteBody): Promise<ContactNote> {
  return ask(api.PATCH('/v1/contact-notes/{id}', { params: { path: { id } }, body }));
}

/** Deletes a note. */
export function deleteContactNote(id: number): Promise<unknown> {
  return ask(api.DELETE('/v1/contact-notes/{id}', { params: { path: { id } } }));
}

/** Puts a label on a contact, or takes it off (rule 190). */
export function labelContact(contact: number, label: number, on: boolean): Promise<ContactDetail> {
  const path = { params: { path: { id: contact, label_id: label } } };
  return on ? ask(api.PUT('/v1/contacts/{id}/labels/{label_id}', path)) : ask(api.DELETE('/v1/contacts/{id}/labels/{label_id}', path));
}

/** Makes a label. */
export function createLabel(name: string, color: string): Promise<Label> {
  return ask(api.POST('/v1/labels', { body: { name, color } }));
}
