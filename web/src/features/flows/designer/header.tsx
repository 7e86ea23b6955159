import { Link } from '@tanstack/react-router';
import { ArrowLeft, Check, CloudOff, CloudUpload, History, List, LoaderCircle, MessageCircle, Plus, Redo2, Search, Sparkles, StickyNote, TriangleAlert, Undo2, Upload, Waypoints, EllipsisVertical } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '@/components/button';
import { Segments } from '@/components/chips';
import { Menu } from '@/components/menu';
import type { Flow } from '@/api/types';
import { useEditor, useHistory } from './editor';
import type { Keeping } from './keeper';
import { useSay, type Say } from './words';

const SAVED_ICONS = { saved: Check, waiting: CloudUpload, saving: LoaderCircle, offline: CloudOff, conflict: TriangleAlert, refused: TriangleAlert } as const;

/** How the draft stands, in a word. */
function Saved({ keeping }: { keeping: Keeping }) {
  const say = useSay();
  const Icon = SAVED_ICONS[keeping.state];
  const tone = keeping.state === 'offline' || keeping.state === 'conflict' ? 'text-warn' : keeping.state === 'refused' ? 'text-bad' : 'text-muted';
  return (
    <span role="status" title={say(`saved.${keeping.state}Hint`)} className={`inline-flex items-center gap-1.5 text-xs whitespace-nowrap ${tone}`}>
      <Icon aria-hidden="true" className={`size-3.5 ${keeping.state === 'saving' ? 'animate-spin' : ''}`} />
      {say(`saved.${keeping.state}`)}
    </span>
  );
}

/** What was done, in words for undo and redo. */
export function didWords(say: Say, step: { did: string; what?: string }): string {
  const known = ['add', 'insert', 'connect', 'disconnect', 'start', 'remove', 'removeMany', 'rename', 'field', 'flow', 'move', 'tidy', 'align', 'choice', 'note', 'noteAdd', 'noteRemove', 'paste', 'duplicate', 'theirs', 'restore', 'example', 'pin', 'unpin', 'testAdd', 'testAccept', 'testRemove', 'testsBlock'] as const;
  const did = known.find((each) => each === step.did);
  const what = step.what ?? '';
  return did ? say(`did.${did}`, { what }).trim() : step.did;
}

/** The designer's own bar: where one is, how it is saved, what can be done. */
export function DesignerHeader({
  flow,
  keeping,
  view,
  problems,
  mayPublish,
  narrow,
  trying,
  on,
}: {
  flow: Flow;
  keeping: Keeping;
  view: 'desenho' | 'lista';
  problems: Flow['problems'];
  mayPublish: boolean;
  narrow: boolean;
  trying: boolean;
  on: {
    view: (view: 'desenho' | 'lista') => void;
    add: () => void;
    find: () => void;
    tidy: () => void;
    note: () => void;
    problems: () => void;
    versions: () => void;
    publish: () => void;
    tryOut: () => void;
  };
}) {
  const { t } = useTranslation();
  const say = useSay();
  const editor = useEditor();
  const { past, future } = useHistory();
  const last = past.at(-1);
  const next = future[0];
  const undo = last ? say('undo', { what: didWords(say, last) }) : say('undoNothing');
  const redo = next ? say('redo', { what: didWords(say, next) }) : say('redoNothing');
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  return (
    <header className="flex items-center gap-x-1.5 border-b sm:gap-x-2 border-line bg-surface px-2 py-2 sm:px-3">
      <Link to="/fluxos" aria-label={t('flows.title')} title={t('flows.title')} className="inline-flex size-9 items-center justify-center rounded-lg text-muted hover:bg-sunken hover:text-ink">
        <ArrowLeft aria-hidden="true" className="size-5" />
      </Link>
      <div className="mr-auto min-w-0 flex-1">
        <h1 className="truncate leading-tight font-semibold xl:max-w-96">{flow.name}</h1>
        <Saved keeping={keeping} />
      </div>
      <div className="flex items-center">
        <IconButton label={undo} aria-keyshortcuts="Control+Z" disabled={!last} onClick={() => editor.undo()}>
          <Undo2 aria-hidden="true" className="size-4.5" />
        </IconButton>
        <IconButton label={redo} aria-keyshortcuts="Control+Shift+Z" disabled={!next} onClick={() => editor.redo()}>
          <Redo2 aria-hidden="true" className="size-4.5" />
        </IconButton>
        {!narrow && (
          <>
            <span aria-hidden="true" className="mx-1 h-5 w-px bg-line" />
            <IconButton label={`${say('find.title')} (/)`} onClick={on.find}>
              <Search aria-hidden="true" className="size-4.5" />
            </IconButton>
            <IconButton label={say('tidy')} onClick={on.tidy}>
              <Sparkles aria-hidden="true" className="size-4.5" />
            </IconButton>
            <IconButton label={say('notes.add')} onClick={on.note}>
              <StickyNote aria-hidden="true" className="size-4.5" />
            </IconButton>
            <IconButton label={t('flows.versions')} onClick={on.versions}>
              <History aria-hidden="true" className="size-4.5" />
            </IconButton>
          </>
        )}
      </div>
      {!narrow && (
        <Segments
          label={t('flows.view')}
          value={view}
          onChange={on.view}
          options={[
            { value: 'desenho', words: t('flows.graph'), icon: <Waypoints aria-hidden="true" className="size-4" /> },
            { value: 'lista', words: t('flows.outline'), icon: <List aria-hidden="true" className="size-4" /> },
          ]}
        />
      )}
      <Button onClick={on.add} aria-keyshortcuts="n" title={`${say('palette.open')} (n)`} className={narrow ? '!px-2' : '!px-3'}>
        <Plus aria-hidden="true" className="size-4" />
        <span className={narrow ? 'sr-only' : ''}>{say('palette.add')}</span>
      </Button>
      {!narrow && (
        <Button onClick={on.problems} className="!px-3" aria-label={say('problems.button', { count: problems.length })}>
          <TriangleAlert aria-hidden="true" className={`size-4 ${errors > 0 ? 'text-bad' : problems.length > 0 ? 'text-warn' : 'text-faint'}`} />
          <span className="tabular">{problems.length}</span>
        </Button>
      )}
      <Button onClick={on.tryOut} aria-pressed={trying} aria-keyshortcuts="t" title={`${say('try.title')} (t)`} className={`${narrow ? '!px-2' : '!px-3'} ${trying ? '!bg-accent-soft !text-accent-strong' : ''}`}>
        <MessageCircle aria-hidden="true" className="size-4" />
        <span className={narrow ? 'sr-only' : 'sr-only xl:not-sr-only'}>{say('try.title')}</span>
      </Button>
      <Button look="primary" className={narrow ? '!px-2.5' : ''} onClick={on.publish} disabled={!mayPublish} title={mayPublish ? undefined : say('publish.mayNot')}>
        <Upload aria-hidden="true" className="size-4" />
        <span className={narrow ? 'sr-only' : ''}>{say('publish.button')}</span>
      </Button>
      {narrow && (
        <Menu
          label={say('more')}
          trigger={
            <IconButton label={say('more')}>
              <EllipsisVertical aria-hidden="true" className="size-5" />
            </IconButton>
          }
          items={[
            { words: view === 'desenho' ? t('flows.outline') : t('flows.graph'), icon: view === 'desenho' ? List : Waypoints, onSelect: () => on.view(view === 'desenho' ? 'lista' : 'desenho') },
            { words: say('find.title'), icon: Search, onSelect: on.find },
            { words: `${t('flows.problems')} (${problems.length})`, icon: TriangleAlert, onSelect: on.problems },
            { words: t('flows.versions'), icon: History, onSelect: on.versions },
            { words: say('tidy'), icon: Sparkles, onSelect: on.tidy },
          ]}
        />
      )}
    </header>
  );
}
