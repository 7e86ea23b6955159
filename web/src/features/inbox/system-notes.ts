import type { TFunction } from 'i18next';
import type { SystemNote } from '@/api/types';

/** What a system line says. A row of before carries its text; all others are said by their code. */
export function noteText(t: TFunction, note: SystemNote | undefined, text: string | undefined): string {
  if (text) return text;
  return note ? t(`systemNotes.${note.code}`, { ...note.params, defaultValue: note.code }) : '';
}
