import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Images, Search, Sticker } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { foldersQuery, libraryQuery, type LibraryFilters } from '@/api/queries/library';
import { flatten } from '@/api/queries/pages';
import { useMe } from '@/api/queries/sign-in';
import type { LibraryFile } from '@/api/types';
import { usePreferences } from '@/app/preferences';
import { Chips } from '@/components/chips';
import { Dialog } from '@/components/dialog';
import { FileThumb } from '@/components/file-thumb';
import { EmptyState, ErrorState, LoadingRows } from '@/components/view-state';
import { fileSize } from '@/i18n/format';
import { useListbox } from './listbox';

const REST_MS = 200;

/** How many tiles stand side by side. */
function columnsOf(grid: Element | null): number {
  return grid ? getComputedStyle(grid).gridTemplateColumns.split(' ').length || 1 : 1;
}

/**
 * The account's files, to put one into the answer: by folder, by words, with the arrows or a finger. The cursor stays in the
 * search; what the arrows are at is shown large beside the tiles. `stickers` shows those alone.
 */
export default function LibraryPicker({ stickers, onPick, onClose }: { stickers: boolean; onPick: (file: LibraryFile) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const mayManage = useMe().permissions.includes('settings:manage');
  const [words, setWords] = useState('');
  const [sought, setSought] = useState('');
  const [folder, setFolder] = useState<string>();
  useEffect(() => {
    const timer = setTimeout(() => setSought(words.trim()), REST_MS);
    return () => clearTimeout(timer);
  }, [words]);
  const filters: LibraryFilters = { ...(sought !== '' && { q: sought }), ...(folder !== undefined && { folder }), ...(stickers && { kind: 'sticker' }) };
  const query = useInfiniteQuery(libraryQuery(filters));
  const folders = useQuery(foldersQuery);
  const files = flatten(query.data);
  const field = useRef<HTMLInputElement>(null);
  const grid = useRef<HTMLUListElement>(null);
  const pick = (index: number) => {
    const file = files[index];
    if (file) onPick(file);
  };
  const box = useListbox(files.length, pick);
  const active = files[box.active];
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const { selectionStart, value } = event.currentTarget;
    const step =
      event.key === 'ArrowDown' ? columnsOf(grid.current)
      : event.key === 'ArrowUp' ? -columnsOf(grid.current)
      : event.key === 'ArrowRight' && selectionStart === value.length ? 1
      : event.key === 'ArrowLeft' && value === '' ? -1
      : 0;
    if (step === 0 || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) {
      box.onKey(event);
      return;
    }
    event.preventDefault();
    const next = Math.min(files.length - 1, Math.max(0, box.active + step));
    box.setActive(next);
    document.getElementById(box.optionId(next))?.scrollIntoView({ block: 'nearest' });
    if (next >= files.length - 10 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  };

  const narrowed = sought !== '' || folder !== undefined;
  const Icon = stickers ? Sticker : Images;
  const name = (file: LibraryFile) => file.name || file.media.filename;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t(stickers ? 'composer.library.stickers' : 'composer.library.title')} width="wide" initialFocus={field}>
      <div className="flex h-[min(30rem,62dvh)] flex-col gap-3">
        <div className="relative">
          <Search aria-hidden="true" className="absolute top-1/2 left-3 size-4 -translate-y-1/2 text-faint" />
          <input
            type="search"
            role="combobox"
            aria-expanded={files.length > 0}
            aria-controls={box.id}
            aria-activedescendant={box.field['aria-activedescendant']}
            aria-autocomplete="list"
            ref={field}
            aria-label={t('composer.library.search')}
            placeholder={t('composer.library.search')}
            value={words}
            maxLength={100}
            onChange={(event) => {
              setWords(event.target.value);
              box.setActive(0);
            }}
            onKeyDown={onKeyDown}
            className="h-10 w-full rounded-lg border border-line-strong bg-raised pr-3 pl-9 text-sm outline-offset-[-2px] placeholder:text-faint [&::-webkit-search-cancel-button]:hidden"
          />
        </div>
        {(folders.data?.length ?? 0) > 0 && (
          <Chips
            label={t('composer.library.folders')}
            value={folder}
            chips={[{ value: undefined, words: t('composer.library.all') }, ...(folders.data ?? []).map((each) => ({ value: each.name, words: `${each.name} · ${each.files}` }))]}
            onChange={(to) => {
              setFolder(to);
              box.setActive(0);
            }}
          />
        )}
        <div className="flex min-h-0 flex-1 gap-4">
          <div className="min-h-0 flex-1 overflow-y-auto">
            {query.isPending ? (
              <LoadingRows rows={4} />
            ) : query.isError && files.length === 0 ? (
              <ErrorState error={query.error} onRetry={() => void query.refetch()} />
            ) : files.length === 0 && narrowed ? (
              <p role="status" className="py-6 text-center text-sm text-muted">
                {t('composer.library.noMatch')}
              </p>
            ) : files.length === 0 ? (
              <EmptyState
                icon={Icon}
                title={t(stickers ? 'composer.library.noStickers' : 'composer.library.empty')}
                hint={t(mayManage ? 'composer.library.emptyManage' : 'composer.library.emptyHint')}
              >
                {mayManage && (
                  <Link to="/ajustes" search={{ secao: 'biblioteca' }} className="font-medium text-accent-strong underline underline-offset-4">
                    {t('composer.library.open')}
                  </Link>
                )}
              </EmptyState>
            ) : (
              <>
                <ul ref={grid} id={box.id} role="listbox" aria-label={t('composer.library.files')} className="grid grid-cols-[repeat(auto-fill,minmax(6.5rem,1fr))] gap-2 p-0.5">
                  {files.map((file, index) => (
                    // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the search field has the keys
                    <li
                      key={file.id}
                      id={box.optionId(index)}
                      role="option"
                      aria-selected={index === box.active}
                      onClick={() => pick(index)}
                      onMouseMove={() => box.setActive(index)}
                      className="cursor-pointer rounded-xl border border-line p-1.5 text-xs aria-selected:border-accent aria-selected:bg-accent-soft aria-selected:ring-2 aria-selected:ring-accent/30"
                    >
                      <span className="block aspect-square overflow-hidden rounded-lg bg-sunken">
                        <FileThumb media={file.media} kind={file.kind} />
                      </span>
                      <span className="mt-1 block truncate" title={name(file)}>
                        {name(file)}
                      </span>
                    </li>
                  ))}
                </ul>
                {hasNextPage && (
                  <p className="py-3 text-center">
                    <button type="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()} className="min-h-8 rounded-lg px-3 text-sm font-medium text-accent-strong hover:bg-sunken">
                      {isFetchingNextPage ? t('app.loading') : t('app.loadMore')}
                    </button>
                  </p>
                )}
              </>
            )}
          </div>
          {active && (
            <div aria-hidden="true" className="hidden w-56 shrink-0 flex-col gap-2 rounded-xl bg-sunken p-3 text-sm sm:flex">
              <span className="block h-44 overflow-hidden rounded-lg">
                <FileThumb media={active.media} kind={active.kind} whole />
              </span>
              <span className="font-medium [overflow-wrap:anywhere]">{name(active)}</span>
              <span className="text-xs text-muted">
                {[t(`composer.file.kind.${kindName(active.kind)}`), active.media.size === undefined ? '' : fileSize(active.media.size, language), active.folder].filter(Boolean).join(' · ')}
              </span>
            </div>
          )}
        </div>
        <p className="hidden text-xs text-muted sm:block">{t('composer.library.keys')}</p>
      </div>
    </Dialog>
  );
}

/** The kinds of file that have a name; what is none of them is a document. */
function kindName(kind: LibraryFile['kind']) {
  const named = ['image', 'video', 'audio', 'voice', 'document', 'sticker'] as const;
  return named.find((each) => each === kind) ?? 'document';
}
