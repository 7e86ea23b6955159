import { ApiError } from '@/api/problem';
import type { Capabilities, Media } from '@/api/types';
import { preferences } from '@/app/preferences';
import { i18next } from '@/i18n';
import { fileSize } from '@/i18n/format';
import { composing, type Attachment, type FileKind } from './compose';
import { upload } from './uploads';

interface Task {
  file: File;
  kind: FileKind;
  conversation: number;
  done: Promise<Media>;
  cancel: () => void;
}

// By the attachment's id. A file stays here until its message has it, or until it is taken out.
const tasks = new Map<string, Task>();

function begin(id: string, conversation: number, file: File, kind: FileKind): Task {
  const { done, cancel } = upload(file, file.name, { voice: kind === 'voice', onProgress: (progress) => composing.changeFile(conversation, id, { progress }) });
  const task = { file, kind, conversation, done, cancel };
  tasks.set(id, task);
  composing.changeFile(conversation, id, { state: 'uploading', progress: 0 });
  done.then(
    (media) => composing.changeFile(conversation, id, { state: 'ready', progress: 1, media }),
    (cause: unknown) => {
      if (cause instanceof ApiError && cause.code === 'cancelled') return;
      const large = cause instanceof ApiError && cause.code === 'too_large';
      composing.changeFile(conversation, id, { state: 'failed', problem: i18next.t(large ? 'composer.file.tooLargeForUs' : 'composer.file.failed') });
    },
  );
  return task;
}

/** Uploads a file for a conversation. `add` puts it where it belongs; its progress is told there too. */
export function startUpload(conversation: number, file: File, kind: FileKind, add: (attachment: Attachment) => void, durationMs?: number): Attachment {
  const id = crypto.randomUUID();
  const attachment: Attachment = {
    id,
    name: file.name,
    size: file.size,
    type: file.type,
    kind,
    progress: 0,
    state: 'uploading',
    ...(kind !== 'document' && { preview: URL.createObjectURL(file) }),
    ...(durationMs !== undefined && { durationMs }),
  };
  add(attachment);
  begin(id, conversation, file, kind);
  return attachment;
}

/** What the server made of a file. One whose upload failed is uploaded again. */
export async function uploaded(id: string): Promise<Media> {
  const task = tasks.get(id);
  if (!task) throw new ApiError(422, 'upload', '');
  try {
    return await task.done;
  } catch (cause) {
    // Told as it is; the next try begins a new upload.
    begin(id, task.conversation, task.file, task.kind);
    throw cause;
  }
}

/** Uploads a file again. */
export function uploadAgain(id: string): void {
  const task = tasks.get(id);
  if (task) begin(id, task.conversation, task.file, task.kind);
}

/** Ends an upload and forgets the file. */
export function dropFile(file: Attachment): void {
  tasks.get(file.id)?.cancel();
  tasks.delete(file.id);
  if (file.preview?.startsWith('blob:')) URL.revokeObjectURL(file.preview);
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
