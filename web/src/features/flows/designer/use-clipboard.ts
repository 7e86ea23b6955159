import { useEffect } from 'react';
import { toast } from '@/components/toast';
import { copied, pasted, readClip } from './document/clipboard';
import { notesOf, removeNodes, setNote } from './document/edit';
import { placesOf } from './document/places';
import type { Doc, Point } from './document/document';
import type { Edit } from './document/history';
import type { Editor } from './editor';
import type { Say } from './words';

/** Whether a key or the clipboard belongs to a field, a dialog or words that are marked. */
export function elsewhere(target: EventTarget | null): boolean {
  if (target instanceof Element && target.closest('input, textarea, select, [contenteditable]:not([contenteditable="false"])') !== null) return true;
  return document.querySelector('[role="dialog"]:not([aria-modal="false"]), [role="alertdialog"], [role="menu"]') !== null || (getSelection()?.toString() ?? '') !== '';
}

/** Takes nodes and notes away. */
export function removed(doc: Doc, ids: readonly string[]): Edit {
  const notes = notesOf(doc).filter(({ id }) => ids.includes(id));
  const edit = removeNodes(doc, ids);
  const next = notes.reduce((left, { id }) => setNote(left, id, undefined).doc, edit.doc);
  return notes.length === 0 ? edit : { doc: next, did: ids.length === 1 ? 'noteRemove' : 'removeMany', what: String(ids.length) };
}

/** Copy, cut and paste of nodes through the system's clipboard, as JSON that other tabs, flows and accounts read. */
export function useClipboard(editor: Editor, chosen: readonly string[], middle: () => Point, select: (ids: readonly string[]) => void, say: Say): void {
  useEffect(() => {
    const take = (event: ClipboardEvent, cut: boolean) => {
      if (elsewhere(event.target) || chosen.length === 0 || !event.clipboardData) return;
      event.preventDefault();
      event.clipboardData.setData('text/plain', JSON.stringify(copied(editor.doc, placesOf(editor.doc), chosen), null, 1));
      toast({ words: say('clip.copied', { count: chosen.length }), tone: 'info' });
      if (cut) editor.apply(removed(editor.doc, chosen));
    };
    const onCopy = (event: ClipboardEvent) => take(event, false);
    const onCut = (event: ClipboardEvent) => take(event, true);
    const onPaste = (event: ClipboardEvent) => {
      if (elsewhere(event.target)) return;
      const clip = readClip(event.clipboardData?.getData('text/plain') ?? '');
      if (!clip) return;
      event.preventDefault();
      const edit = pasted(editor.doc, clip, middle());
      editor.apply(edit);
      select(edit.ids);
      const names = [...edit.renamed].map(([from, to]) => `${from} → ${to}`).join(', ');
      toast({ words: say('clip.pasted', { count: edit.ids.length }), ...(names !== '' && { more: say('clip.renamed', { names }) }), undo: () => editor.undo() });
    };
    document.addEventListener('copy', onCopy);
    document.addEventListener('cut', onCut);
    document.addEventListener('paste', onPaste);
    return () => {
      document.removeEventListener('copy', onCopy);
      document.removeEventListener('cut', onCut);
      document.removeEventListener('paste', onPaste);
    };
  }, [editor, chosen, middle, select, say]);
}
