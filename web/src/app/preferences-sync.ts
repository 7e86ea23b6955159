import { QueryObserver, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ApiError } from '@/api/problem';
import { profileKey, profileQuery, savePreferences } from '@/api/queries/profile';
import { useMe } from '@/api/queries/sign-in';
import type { Profile } from '@/api/types';
import { adoptPreferences, DEFAULTS, onPreferences, OWN, preferences, savedPreferences, setPreferences, type OwnPreference, type Preferences } from './preferences';

type Server = Profile['preferences'];

/** The server's name of each preference. */
const NAMES = {
  singleKeys: 'single_keys',
  enterSends: 'enter_sends',
  confirmAudio: 'audio_confirmation',
  afterSend: 'after_send',
  sendDelay: 'send_delay_seconds',
  sounds: 'sounds',
  order: 'order',
  watching: 'watching',
} as const satisfies Record<OwnPreference, keyof Server>;

/** After the last change, so long until it is saved: who goes through choices saves the last one. */
const SETTLE_MS = 300;
/** A save that could not reach the server is tried again after so long, and when the connection is back. */
const AGAIN_MS = 15_000;
const REFUSED = new Set([400, 403, 404, 422]);

function read(server: Server): Partial<Preferences> {
  return Object.fromEntries(OWN.flatMap((name) => (server[NAMES[name]] === undefined ? [] : [[name, server[NAMES[name]]]])));
}

/** What was changed here and is not on the server yet. */
function unsaved(): Partial<Preferences> {
  const now = preferences();
  return Object.fromEntries(OWN.filter((name) => now.unsaved.includes(name)).map((name) => [name, now[name]]));
}

/** Choices of a browser that kept them alone, where the server has none yet. */
function bringAlong(server: Server): void {
  const { owner, ...now } = preferences();
  if (owner !== undefined) return;
  const chosen = OWN.filter((name) => server[NAMES[name]] === undefined && now[name] !== DEFAULTS[name]);
  if (chosen.length > 0) setPreferences(Object.fromEntries(chosen.map((name) => [name, now[name]])));
}

/** Keeps this browser's copy and the server's preferences the same. The answer ends it. */
export function keepInStep(client: QueryClient, user: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let saving = false;
  let ended = false;

  const save = async () => {
    timer = undefined;
    const change = unsaved();
    const names = Object.keys(change) as OwnPreference[];
    // Nothing is saved before it is known whose copy this is.
    if (saving || ended || names.length === 0 || preferences().owner !== user) return;
    saving = true;
    try {
      const profile = await savePreferences(Object.fromEntries(names.map((name) => [NAMES[name], change[name]])));
      savedPreferences(change);
      client.setQueryData(profileKey, profile);
    } catch (cause) {
      // What the server refuses is not asked for again: its own value comes back.
      if (cause instanceof ApiError && REFUSED.has(cause.status)) {
        savedPreferences(change);
        void client.invalidateQueries({ queryKey: profileKey });
      } else later(AGAIN_MS);
    } finally {
      saving = false;
    }
    if (timer === undefined && preferences().unsaved.length > 0) later(SETTLE_MS);
  };
  const later = (ms: number) => {
    clearTimeout(timer);
    if (!ended) timer = setTimeout(() => void save(), ms);
  };
  const soon = () => {
    if (preferences().unsaved.length > 0) later(SETTLE_MS);
  };

  const stopFollowing = onPreferences(soon);
  const take = ({ data }: { data: Profile | undefined }) => {
    if (!data || data.id !== user) return;
    bringAlong(data.preferences);
    adoptPreferences(user, read(data.preferences));
    soon();
  };
  const profile = new QueryObserver(client, profileQuery);
  const stopReading = profile.subscribe(take);
  // An observer tells of changes alone, and a page may have read the profile before this was loaded.
  take(profile.getCurrentResult());
  addEventListener('online', soon);
  return () => {
    ended = true;
    clearTimeout(timer);
    stopFollowing();
    stopReading();
    removeEventListener('online', soon);
  };
}

/** Keeps preferences in step while somebody is signed in. Loaded behind the first paint, which has the copy. */
export default function PreferencesSync() {
  const client = useQueryClient();
  const { user } = useMe();
  useEffect(() => keepInStep(client, user.id), [client, user.id]);
  return null;
}
