import { api, ask } from '../client';
import type { PresenceState } from '../live/presence';

/** Tells those who see a conversation what one does in it. It is of interest for seconds: a failure is not told. */
export function tellPresence(conversation: number, state: PresenceState): void {
  // The last word must get through while the page goes away.
  const keepalive = state === 'gone';
  void ask(api.POST('/v1/conversations/{id}/presence', { params: { path: { id: conversation } }, body: { state }, keepalive })).catch(() => undefined);
}
