import { ClipboardList, Copy, Expand, List, PencilLine, Plus, Redo2, Save, Search, Settings2, Sparkles, StickyNote, Trash2, TriangleAlert, Undo2, Upload, ZoomIn, ZoomOut, MessageCircle, SkipBack, SkipForward } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommands } from '@/app/commands';
import { useKeys } from '@/app/shortcuts';
import { elsewhere } from './use-clipboard';
import { useSay } from './words';

/** What the keys of the designer do. */
export interface Deeds {
  add: () => void;
  find: () => void;
  remove: () => void;
  duplicate: () => void;
  tidy: () => void;
  note: () => void;
  rename: () => void;
  undo: () => void;
  redo: () => void;
  save: () => void;
  fit: () => void;
  zoom: (by: 'in' | 'out' | 'whole') => void;
  all: () => void;
  next: () => void;
  previous: () => void;
  open: () => void;
  problem: () => void;
  publish: () => void;
  tryOut: () => void;
  view: () => void;
}

/** Offers what the designer can do by keys, in the command bar and in the sheet of shortcuts. */
export function useDesignerKeys(deeds: Deeds): void {
  const { t } = useTranslation();
  const say = useSay();
  // The newest deeds under the same keys: the bar and the sheet need not hear of each edit.
  const now = useRef(deeds);
  useEffect(() => {
    now.current = deeds;
  });
  useCommands(
    useMemo(
      () => ({
        heading: say('keys.heading'),
        first: true,
        commands: [
          { id: 'flow-add', words: say('palette.open'), icon: Plus, keys: 'n', run: () => now.current.add() },
          { id: 'flow-find', words: say('find.title'), icon: Search, keys: '/', run: () => now.current.find() },
          { id: 'flow-open', words: say('keys.open'), icon: Settings2, run: () => now.current.open() },
          { id: 'flow-next', words: say('keys.next'), icon: SkipForward, keys: 'j', run: () => now.current.next() },
          { id: 'flow-previous', words: say('keys.previous'), icon: SkipBack, keys: 'k', run: () => now.current.previous() },
          { id: 'flow-rename', words: say('keys.rename'), icon: PencilLine, keys: 'F2', run: () => now.current.rename() },
          { id: 'flow-remove', words: say('panel.remove'), icon: Trash2, keys: 'Delete', run: () => now.current.remove() },
          { id: 'flow-duplicate', words: say('panel.duplicate'), icon: Copy, keys: '$mod+d', run: () => now.current.duplicate() },
          { id: 'flow-undo', words: say('keys.undo'), icon: Undo2, keys: '$mod+z', run: () => now.current.undo() },
          { id: 'flow-redo', words: say('keys.redo'), icon: Redo2, keys: '$mod+Shift+Z', run: () => now.current.redo() },
          { id: 'flow-save', words: say('keys.save'), icon: Save, keys: '$mod+s', run: () => now.current.save() },
          { id: 'flow-problem', words: say('keys.problem'), icon: TriangleAlert, keys: 'F8', run: () => now.current.problem() },
          { id: 'flow-tidy', words: say('tidy'), icon: Sparkles, keys: '$mod+Shift+L', run: () => now.current.tidy() },
          { id: 'flow-note', words: say('notes.add'), icon: StickyNote, run: () => now.current.note() },
          { id: 'flow-fit', words: t('flows.fit'), icon: Expand, keys: '1', run: () => now.current.fit() },
          { id: 'flow-zoom-in', words: t('flows.zoomIn'), icon: ZoomIn, keys: '+', run: () => now.current.zoom('in') },
          { id: 'flow-zoom-out', words: t('flows.zoomOut'), icon: ZoomOut, keys: '-', run: () => now.current.zoom('out') },
          { id: 'flow-view', words: say('keys.view'), icon: List, keys: 'v', run: () => now.current.view() },
          { id: 'flow-try', words: say('try.title'), icon: MessageCircle, keys: 't', run: () => now.current.tryOut() },
          { id: 'flow-publish', words: say('publish.button'), icon: Upload, run: () => now.current.publish() },
          { id: 'flow-all', words: say('keys.all'), icon: ClipboardList, run: () => now.current.all() },
        ],
      }),
      [say, t],
    ),
  );
  useKeys(useMemo(() => ({ Backspace: () => now.current.remove(), '$mod+y': () => now.current.redo(), '0': () => now.current.zoom('whole') }), []));
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'a' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || elsewhere(event.target)) return;
      event.preventDefault();
      now.current.all();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
