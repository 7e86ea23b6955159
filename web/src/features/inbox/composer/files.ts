import { ApiError } from '@/api/problem';
import type { Capabilities } from '@/api/types';
import { preferences } from '@/app/preferences';
import { i18next } from '@/i18n';
import { fileSize } from '@/i18n/format';
import { composing, type Attachment, type FileKind } from './compose';
import { upload } from './uploads';

const running = new Map<string, () => void>();

/** Uploads a file for a conversation. `add` puts it where it belongs; its progress is told there too. */
export function startUpload(conversation: number, file: File, kind: FileKind, add: (attachment: Attachment) => void, durationMs?: number): void {
  const id = crypto.randomUUID();
  const preview = kind === 'image' || kind === 'video' || kind === 'sticker' || kind === 'voice' ? URL.createObjectURL(file) : undefined;
  add({
    id,
    name: file.name,
    size: file.size,
    kind,
    progress: 0,
    state: 'uploading',
    ...(preview !== undefined && { preview }),
    ...(durationMs !== undefined && { durationMs }),
  });
  const { done, cancel } = upload(file, file.name, { voice: kind === 'voice', onProgress: (progress) => composing.changeFile(conversation, id, { progress }) });
  running.set(id, cancel);
  done
    .then(
      (media) => composing.changeFile(conversation, id, { state: 'ready', progress: 1, media }),
      (cause: unknown) => {
        if (cause instanceof ApiError && cause.code === 'cancelled') return;
        const problem = cause instanceof ApiError && cause.code === 'too_large' ? i18next.t('composer.file.tooLargeForUs') : i18next.t('composer.file.failed');
        composing.changeFile(conversation, id, { state: 'failed', problem });
      },
    )
    .finally(() => running.delete(id));
}

/** Ends an upload and forgets the file's picture. */
export function dropFile(file: Attachment): void {
  running.get(file.id)?.();
  if (file.preview) URL.revokeObjectURL(file.preview);
}

/** A file's name and size without its upload, for what is checked before. */
interface Chosen {
  name: string;
  size: number;
  type: string;
}

/** The kind of message a file becomes on a channel: as itself where the channel takes it, else as a document. */
export function kindOf(file: Chosen, limits: Capabilities | undefined): FileKind {
  const type = file.type.split(';')[0] ?? '';
  const group = type.split('/')[0];
  const kind: FileKind = group === 'image' ? 'image' : group === 'video' ? 'video' : group === 'audio' ? 'audio' : 'document';
  if (kind === 'document' || !limits) return kind;
  return limits.media?.[kind]?.mime_types?.includes(type) === false ? 'document' : kind;
}

/** Why a channel does not take a file, in the reader's language; undefined when it does (as far as its limits tell). */
export function refusal(file: Chosen, kind: FileKind, limits: Capabilities | undefined): string | undefined {
  if (file.size === 0) return i18next.t('composer.file.empty', { name: file.name });
  const limit = limits?.media?.[kind];
  if (!limits) return undefined;
  if (!limit) return i18next.t('composer.file.kindNotTaken', { name: file.name });
  if (limit.max_bytes > 0 && file.size > limit.max_bytes) {
    const { language } = preferences();
    return i18next.t('composer.file.tooLarge', { name: file.name, size: fileSize(file.size, language), max: fileSize(limit.max_bytes, language) });
  }
  const type = file.type.split(';')[0] ?? '';
  if (type !== '' && limit.mime_types && limit.mime_types.length > 0 && !limit.mime_types.includes(type)) return i18next.t('composer.file.typeNotTaken', { name: file.name });
  return undefined;
}
