import type { Mentioned } from '@/api/queries/writing';
import type { Capabilities, Content, Media } from '@/api/types';
import type { Attachment, Draft } from './compose';
import type { Outgoing } from './outgoing';

function fileOf({ name, size, type, kind, media, preview }: Attachment): Media {
  return media ?? { id: 0, state: 'stored', kind, mime_type: type, filename: name, size, ...(preview !== undefined && { url: preview }), created_at: '' };
}

function contentOf({ kind, name, media, type, durationMs }: Attachment, caption: string): Content {
  return {
    kind,
    media: {
      ...(media && { media_id: media.id }),
      ...(kind === 'document' && { filename: name }),
      mime_type: type,
      ...(caption !== '' && { caption }),
      ...(kind === 'voice' && { voice: true }),
      ...(durationMs !== undefined && { duration_ms: durationMs }),
    },
  };
}

/**
 * The messages a draft becomes, in order. Its words are the caption of the first file that takes one and is not too short
 * for them; otherwise they go before the files as a message of their own. What is answered is quoted by the first one.
 */
export function messagesOf(draft: Draft, limits: Capabilities | undefined): Outgoing[] {
  const words = draft.text.trim();
  const max = limits?.caption_max ?? 1024;
  const captioned =
    words.length <= max ? draft.files.findIndex(({ kind }) => limits?.media?.[kind]?.caption ?? (kind === 'image' || kind === 'video' || kind === 'document')) : -1;
  const files = draft.files.map(
    (file, index): Outgoing => ({
      kind: 'reply',
      content: contentOf(file, index === captioned ? words : ''),
      file: fileOf(file),
      ...(!file.media && { upload: file.id }),
    }),
  );
  const all: Outgoing[] = words !== '' && captioned === -1 ? [{ kind: 'reply', content: { kind: 'text', text: words } }, ...files] : files;
  const first = all[0];
  if (draft.replyTo && first?.kind === 'reply') all[0] = { ...first, content: { ...first.content, reply_to: { message_id: draft.replyTo.id } } };
  return all;
}

/** A note with those it still calls: a name that was deleted calls nobody. */
export function noteOf({ mentions = [] }: Draft, text: string): Outgoing {
  const called = mentions.filter(({ name }) => text.includes(`@${name}`));
  const ids = (kind: 'user' | 'queue') => [...new Set(called.filter((each) => each.kind === kind).map((each) => each.id))];
  const users = ids('user');
  const queues = ids('queue');
  const mentioned: Mentioned = { ...(users.length > 0 && { user_ids: users }), ...(queues.length > 0 && { queue_ids: queues }) };
  return { kind: 'note', text: text.trim(), ...(called.length > 0 && { mentions: mentioned }) };
}
