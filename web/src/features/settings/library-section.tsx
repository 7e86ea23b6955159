import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ExternalLink, Images, Trash2, Upload } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import { uploadFile } from '@/api/queries/canned';
import { addToLibrary, changeInLibrary, foldersQuery, libraryKeys, libraryQuery, removeFromLibrary, type LibraryFilters } from '@/api/queries/library';
import { flatten } from '@/api/queries/pages';
import type { LibraryFile } from '@/api/types';
import { usePreferences } from '@/app/preferences';
import { IconButton } from '@/components/button';
import { Chips } from '@/components/chips';
import { FormDialog } from '@/components/dialog';
import { TextField } from '@/components/field';
import { FileThumb } from '@/components/file-thumb';
import { Paged } from '@/components/paged';
import { toast } from '@/components/toast';
import { EmptyState } from '@/components/view-state';
import { fileSize, useDates, useNow } from '@/i18n/format';
import { SectionHead } from './list-section';
import { textOf, useOpened } from './use-setting';

/** The files that everybody sends again and again: uploaded, named, put into folders, taken out. */
export function LibrarySection() {
  const { t } = useTranslation();
  const { opened, open } = useOpened('biblioteca');
  const [words, setWords] = useState('');
  const [folder, setFolder] = useState<string>();
  const filters: LibraryFilters = { ...(words.trim() !== '' && { q: words.trim() }), ...(folder !== undefined && { folder }) };
  const query = useInfiniteQuery(libraryQuery(filters));
  const folders = useQuery(foldersQuery).data ?? [];
  // The last file of a folder takes the folder along.
  const gone = folder !== undefined && folders.length > 0 && !folders.some(({ name }) => name === folder);
  if (gone) setFolder(undefined);
  const { upload, remove } = useLibraryActs(folder ?? '');
  const item = flatten(query.data).find(({ id }) => id === opened);
  return (
    <section>
      <SectionHead title={t('settings.library.title')} lead={t('settings.library.lead')} action={<UploadButton pending={upload.isPending} onFiles={upload.mutate} />} />
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <input
          type="search"
          aria-label={t('settings.library.search')}
          placeholder={t('settings.library.search')}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          maxLength={100}
          className="h-10 w-full max-w-sm rounded-lg border border-line-strong bg-raised px-3 text-sm placeholder:text-faint"
        />
        {folders.length > 0 && (
          <Chips
            label={t('settings.library.folders')}
            value={folder}
            chips={[{ value: undefined, words: t('settings.library.all') }, ...folders.map((each) => ({ value: each.name, words: `${each.name} · ${each.files}` }))]}
            onChange={setFolder}
          />
        )}
      </div>
      <Paged
        query={query}
        loadingRows={3}
        empty={
          words.trim() === '' && folder === undefined ? (
            <EmptyState icon={Images} title={t('settings.library.empty')} hint={t('settings.library.emptyHint')} />
          ) : (
            <p className="py-6 text-sm text-muted">{t('kit.noMatch')}</p>
          )
        }
      >
        {(files) => (
          <ul aria-label={t('settings.library.title')} className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
            {files.map((file) => (
              <Row key={file.id} file={file} onOpen={() => open(file.id)} onRemove={() => remove.mutate(file)} />
            ))}
          </ul>
        )}
      </Paged>
      {item && <FileForm key={item.id} file={item} folders={folders.map(({ name }) => name)} onClose={() => open(undefined)} />}
    </section>
  );
}

function Row({ file, onOpen, onRemove }: { file: LibraryFile; onOpen: () => void; onRemove: () => void }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const dates = useDates();
  const now = useNow(60_000);
  const { media, author } = file;
  const about = [
    file.folder,
    file.kind === 'sticker' ? t('settings.library.sticker') : '',
    media.size === undefined ? '' : fileSize(media.size, language),
    author ? t('settings.library.by', { name: author.name }) : '',
    dates.short(file.created_at, now),
  ];
  return (
    <li className="flex items-center gap-1 px-2">
      <button type="button" onClick={onOpen} className="flex min-h-16 min-w-0 flex-1 items-center gap-3 rounded-lg px-2 py-2 text-left outline-offset-[-2px] hover:bg-sunken">
        <span className="size-12 shrink-0 overflow-hidden rounded-lg bg-sunken">
          <FileThumb media={media} kind={file.kind} />
        </span>
        <span className="min-w-0">
          <span className="block truncate font-medium">{file.name}</span>
          <span className="tabular block truncate text-sm text-muted">{about.filter(Boolean).join(' · ')}</span>
        </span>
      </button>
      <IconButton label={t('settings.library.remove', { name: file.name })} onClick={onRemove}>
        <Trash2 aria-hidden="true" className="size-4" />
      </IconButton>
    </li>
  );
}

function UploadButton({ pending, onFiles }: { pending: boolean; onFiles: (files: File[]) => void }) {
  const { t } = useTranslation();
  return (
    <label className="inline-flex min-h-9 cursor-pointer items-center gap-2 rounded-lg bg-accent px-3.5 text-sm font-medium text-on-accent hover:bg-accent-strong has-disabled:cursor-not-allowed has-disabled:opacity-60 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent">
      <Upload aria-hidden="true" className="size-4" />
      {t(pending ? 'settings.library.adding' : 'settings.library.add')}
      <input
        type="file"
        multiple
        disabled={pending}
        onChange={(event) => {
          const chosen = [...(event.target.files ?? [])];
          event.target.value = '';
          if (chosen.length > 0) onFiles(chosen);
        }}
        className="sr-only"
      />
    </label>
  );
}

/** Uploads into a folder, and takes out with a way back: the file itself stays for a while. */
function useLibraryActs(folder: string) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const again = () => client.invalidateQueries({ queryKey: libraryKeys.all });
  const failed = (error: unknown) => toast({ words: error instanceof ApiError ? error.sayWith(t) : t('error.unknown'), tone: 'bad' });
  const upload = useMutation({
    // Each file stands for itself: one that is refused does not hold up the others.
    mutationFn: async (files: File[]) => {
      let added = 0;
      for (const file of files) {
        try {
          const media = await uploadFile(file);
          await addToLibrary({ media_id: media.id, name: file.name.replace(/\.[^.]+$/, ''), ...(folder !== '' && { folder }) });
          added += 1;
        } catch (error) {
          const exists = error instanceof ApiError && error.key === 'library_file.exists';
          toast({ words: t(exists ? 'settings.library.exists' : 'settings.library.failed', { name: file.name }), tone: exists ? 'info' : 'bad' });
        }
      }
      return added;
    },
    onSuccess: async (added) => {
      await again();
      if (added > 0) toast({ words: t('settings.library.added', { count: added }) });
    },
  });
  const restore = useMutation({
    mutationFn: ({ media, name, folder: from }: LibraryFile) => addToLibrary({ media_id: media.id, name, folder: from }),
    onSuccess: again,
    onError: failed,
  });
  const remove = useMutation({
    mutationFn: ({ id }: LibraryFile) => removeFromLibrary(id),
    onSuccess: async (_, file) => {
      await again();
      toast({ words: t('settings.library.removed', { name: file.name }), undo: () => restore.mutate(file) });
    },
    onError: failed,
  });
  return { upload, remove };
}

function FileForm({ file, folders, onClose }: { file: LibraryFile; folders: readonly string[]; onClose: () => void }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const client = useQueryClient();
  const first = useRef<HTMLInputElement>(null);
  const save = useMutation({
    mutationFn: (body: { name: string; folder: string }) => changeInLibrary(file.id, body),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: libraryKeys.all });
      toast({ words: t('settings.saved') });
      onClose();
    },
  });
  return (
    <FormDialog
      open
      initialFocus={first}
      onOpenChange={(next) => !next && onClose()}
      title={t('settings.library.edit', { name: file.name })}
      names={['name', 'folder']}
      error={save.error}
      pending={save.isPending}
      submit={t('settings.save')}
      onSubmit={(values) => save.mutate({ name: textOf(values, 'name').trim(), folder: textOf(values, 'folder').trim() })}
    >
      <div className="flex items-center gap-3">
        <span className="size-20 shrink-0 overflow-hidden rounded-xl bg-sunken">
          <FileThumb media={file.media} kind={file.kind} whole />
        </span>
        <p className="min-w-0 text-sm">
          <span className="block truncate font-medium">{file.media.filename || t('settings.library.file')}</span>
          <span className="block text-muted">{file.media.size === undefined ? file.media.mime_type : `${file.media.mime_type} · ${fileSize(file.media.size, language)}`}</span>
          {file.media.url && (
            <a href={file.media.url} target="_blank" rel="noopener noreferrer" className="inline-flex min-h-7 items-center gap-1 text-accent-strong underline underline-offset-2">
              {t('settings.library.see')}
              <ExternalLink aria-hidden="true" className="size-3.5" />
              <span className="sr-only">{t('app.newTab')}</span>
            </a>
          )}
        </p>
      </div>
      <TextField ref={first} label={t('settings.name')} name="name" hint={t('settings.library.nameHint')} start={file.name} maxLength={200} required />
      <TextField label={t('settings.library.folder')} name="folder" hint={t('settings.library.folderHint')} placeholder={t('settings.library.folderPlaceholder')} start={file.folder} maxLength={100} list="library-folders" optional autoComplete="off" />
      <datalist id="library-folders">
        {folders.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </FormDialog>
  );
}
