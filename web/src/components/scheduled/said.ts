import type { Content } from '@/api/types';

/** The words of a message: its text, or what stands under its file, or the file's name. */
export function saidBy(content: Content): string {
  return content.text || content.media?.caption || content.media?.filename || '';
}
