import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ApiError } from '@/api/problem';
import { draftKeys, draftQuery, forgetDraft, saveDraft, type DraftMode } from '@/api/queries/drafts';
import { readMessage } from '@/api/queries/messages';
import type { Draft as Stored } from '@/api/types';
import { composing, useCompose, type Draft } from './compose';

/** After the last key, so long until the server has it. */
const SETTLE_MS = 500;
/** A failed save is tried again after this. */
const AGAIN_MS = 4000;

/** What the server has of a draft, as far as this page knows. */
interface Known {
  revision: number;
  /** What was saved, to see whether something changed since. */
  saved: string;
}

const NONE: Known = { revision: 0, saved: JSON.stringify(['', 0]) };
const known = new Map<string, Known>();
const nameOf = (conversation: number, mode: DraftMode) => `${conversation}/${mode}`;

function bodyOf(draft: Draft): Stored['body'] {
  return { text: draft.text, ...(draft.replyTo && { reply_to: draft.replyTo.id }) };
}

const printOf = ({ text = '', reply_to: replyTo = 0 }: Stored['body']) => JSON.stringify([text, replyTo]);
const EMPTY = printOf({ text: '' });

/** Puts a stored draft into the composer. */
async function adopt(conversation: number, mode: DraftMode, { body, revision }: Stored): Promise<void> {
  known.set(nameOf(conversation, mode), { revision, saved: printOf(body) });
  const quoted = body.reply_to === undefined ? undefined : await readMessage(body.reply_to).catch(() => undefined);
  composing.write(conversation, mode, { text: body.text ?? '', replyTo: quoted });
}

async function save(client: QueryClient, conversation: number, mode: DraftMode): Promise<boolean> {
  const name = nameOf(conversation, mode);
  const body = bodyOf(composing.of(conversation)[mode]);
  const print = printOf(body);
  const { revision, saved } = known.get(name) ?? NONE;
  if (print === saved) return true;
  try {
    if (print === EMPTY) {
      await forgetDraft(conversation, mode, revision);
      known.set(name, { revision, saved: EMPTY });
      client.setQueryData(draftKeys.of(conversation, mode), null);
    } else {
      const stored = await saveDraft(conversation, mode, body, revision);
      known.set(name, { revision: stored.revision, saved: print });
      client.setQueryData(draftKeys.of(conversation, mode), stored);
    }
    return true;
  } catch (cause) {
    if (!(cause instanceof ApiError) || cause.status !== 409) return false;
    // Another device was faster: its text is read, and compared where it differs.
    await client.invalidateQueries({ queryKey: draftKeys.of(conversation, mode) });
    return true;
  }
}

const timers = new Map<string, ReturnType<typeof setTimeout>>();
const saving = new Set<string>();

/** Saves a draft after so long. One save at a time, so that none overtakes another. */
function saveAfter(ms: number, client: QueryClient, conversation: number, mode: DraftMode): void {
  const name = nameOf(conversation, mode);
  clearTimeout(timers.get(name));
  timers.set(
    name,
    setTimeout(() => {
      timers.delete(name);
      if (saving.has(name)) {
        saveAfter(SETTLE_MS, client, conversation, mode);
        return;
      }
      saving.add(name);
      void save(client, conversation, mode).then((done) => {
        saving.delete(name);
        if (!done && !timers.has(name)) saveAfter(AGAIN_MS, client, conversation, mode);
      });
    }, ms),
  );
}

/**
 * Keeps what is written on the server, a moment after the last key, and shows what another device wrote. Where both wrote,
 * the other text is given to be compared; nothing is written over.
 */
export function useDraftSync(conversation: number, mode: DraftMode): { newer: Stored | undefined; takeTheirs: () => void; keepMine: () => void } {
  const client = useQueryClient();
  const draft = useCompose(conversation)[mode];
  const { data, isSuccess } = useQuery(draftQuery(conversation, mode));
  // The revision that was compared and put aside.
  const [aside, setAside] = useState(0);
  const name = nameOf(conversation, mode);
  const mine = printOf(bodyOf(draft));

  const here = known.get(name) ?? NONE;
  const ahead = data && data.revision > here.revision && data.revision > aside ? data : undefined;
  const newer = ahead && mine !== EMPTY && mine !== here.saved && mine !== printOf(ahead.body) ? ahead : undefined;
  useEffect(() => {
    if (ahead && !newer) void adopt(conversation, mode, ahead);
  }, [ahead, newer, conversation, mode]);
  useEffect(() => {
    if (isSuccess && !newer) saveAfter(SETTLE_MS, client, conversation, mode);
  }, [mine, newer, isSuccess, client, conversation, mode]);

  return {
    newer,
    takeTheirs: () => {
      if (newer) void adopt(conversation, mode, newer);
    },
    keepMine: () => {
      if (!newer) return;
      known.set(name, { revision: newer.revision, saved: printOf(newer.body) });
      setAside(newer.revision);
    },
  };
}
