import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '../client';
import { ApiError } from '../problem';
import type { Draft } from '../types';

/** What of a conversation is kept as a draft. */
export type DraftMode = Draft['mode'];

/** Keys of drafts. */
export const draftKeys = {
  lists: ['drafts', 'list'] as const,
  in: (conversation: number) => ['drafts', conversation] as const,
  of: (conversation: number, mode: DraftMode) => ['drafts', conversation, mode] as const,
};

/** What the user has begun to write and not sent, by conversation. */
export const draftListQuery = queryOptions({
  queryKey: draftKeys.lists,
  queryFn: async ({ signal }) => (await ask(api.GET('/v1/drafts', { params: { query: { limit: 100 } }, signal }))).data,
});

/** One's own draft; null where there is none. */
export function draftQuery(conversation: number, mode: DraftMode) {
  return queryOptions({
    queryKey: draftKeys.of(conversation, mode),
    queryFn: async ({ signal }): Promise<Draft | null> => {
      try {
        return await ask(api.GET('/v1/conversations/{id}/drafts/{mode}', { params: { path: { id: conversation, mode } }, signal }));
      } catch (cause) {
        if (cause instanceof ApiError && cause.status === 404) return null;
        throw cause;
      }
    },
  });
}

/** Saves a draft that was changed from a revision. The server refuses an older one with draft.newer. */
export function saveDraft(conversation: number, mode: DraftMode, body: Draft['body'], revision: number): Promise<Draft> {
  return ask(api.PUT('/v1/conversations/{id}/drafts/{mode}', { params: { path: { id: conversation, mode } }, body: { body, revision } }));
}

/** Forgets a draft, unless there is a newer revision of it. */
export async function forgetDraft(conversation: number, mode: DraftMode, revision: number): Promise<void> {
  await ask(api.DELETE('/v1/conversations/{id}/drafts/{mode}', { params: { path: { id: conversation, mode }, query: { revision } } }));
}
