import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { flowKeys } from '@/api/queries/flows';
import type { Flow } from '@/api/types';
import { readFlow, saveDraft } from './calls';
import type { Doc } from './document/document';
import { Editor } from './editor';
import { Keeper, type Keeping } from './keeper';
import { settled } from './settled';

/** An editor of the draft, and the keeper that saves it while the page is open. */
export function useKeeping(flow: Flow, doc: Doc, account: number): { editor: Editor; keeper: Keeper; keeping: Keeping; problems: Flow['problems'] } {
  const client = useQueryClient();
  const [{ editor, keeper }] = useState(() => {
    const tell = (next: Flow) => {
      client.setQueryData(flowKeys.one(flow.id), next);
      void client.invalidateQueries({ queryKey: flowKeys.list });
      return next;
    };
    const kept = new Keeper(flow, settled(doc), {
      save: async (draft, revision) => tell(await saveDraft(flow.id, draft, revision)),
      read: () => readFlow(flow.id),
      store: localStorage,
      key: `perene.draft.${account}.${flow.id}`,
      later: (run, ms) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    });
    return { keeper: kept, editor: new Editor(settled(kept.doc)) };
  });
  useEffect(() => editor.subscribe(() => keeper.changed(editor.doc)), [editor, keeper]);
  useEffect(() => {
    const leave = () => keeper.leave();
    const back = () => keeper.retry();
    addEventListener('pagehide', leave);
    addEventListener('online', back);
    return () => {
      removeEventListener('pagehide', leave);
      removeEventListener('online', back);
      keeper.leave();
      void keeper.flush().finally(() => keeper.stop());
    };
  }, [keeper]);
  const keeping = useSyncExternalStore(keeper.subscribe, keeper.keeping);
  const problems = useSyncExternalStore(keeper.subscribe, keeper.problems);
  return { editor, keeper, keeping, problems };
}
