import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { MessageSquareText, Paperclip, Plus, Trash2, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import { cannedKeys, cannedList, deleteCanned, saveCanned, uploadFile } from '@/api/queries/canned';
import { flatten } from '@/api/queries/pages';
import type { CannedResponse, Media } from '@/api/types';
import { Button, IconButton } from '@/components/button';
import { Confirm, FormDialog } from '@/components/dialog';
import { TextArea, TextField } from '@/components/field';
import { Paged } from '@/components/paged';
import { toast } from '@/components/toast';
import { EmptyState } from '@/components/view-state';
import { SectionHead } from './list-section';
import { textOf, useOpened } from './use-setting';

/** How many files a canned response holds (rule 200). */
const MOST_FILES = 15;

/** The canned responses: everybody who answers writes them (rules 198 to 200). */
export function CannedSection() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { opened, open } = useOpened('respostas');
  const [words, setWords] = useState('');
  const query = useInfiniteQuery(cannedList(words.trim()));
  const [leaving, setLeaving] = useState<CannedResponse>();
  const item = flatten(query.data).find(({ id }) => id === opened);
  const remove = useMutation({
    mutationFn: (response: CannedResponse) => deleteCanned(response.id),
    onSuccess: async (_, response) => {
      setLeaving(undefined);
      await client.invalidateQueries({ queryKey: cannedKeys.all });
      toast({ words: t('settings.canned.deleted', { code: response.code }) });
    },
    onError: (error) => toast({ words: error instanceof ApiError ? error.sayWith(t) : t('error.unknown'), tone: 'bad' }),
  });
  return (
    <section>
      <SectionHead
        title={t('settings.canned.title')}
        lead={t('settings.canned.lead')}
        action={
          <Button look="primary" onClick={() => open('novo')}>
            <Plus aria-hidden="true" className="size-4" />
            {t('settings.canned.new')}
          </Button>
        }
      />
      <input
        type="search"
        aria-label={t('settings.canned.search')}
        placeholder={t('settings.canned.search')}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        maxLength={100}
        className="mb-4 h-10 w-full max-w-sm rounded-lg border border-line-strong bg-raised px-3 text-sm placeholder:text-faint"
      />
      <Paged
        query={query}
        loadingRows={3}
        empty={
          words === '' ? (
            <EmptyState icon={MessageSquareText} title={t('settings.canned.empty')} hint={t('settings.canned.emptyHint')} />
          ) : (
            <p className="py-6 text-sm text-muted">{t('kit.noMatch')}</p>
          )
        }
      >
        {(rows) => (
          <ul aria-label={t('settings.canned.title')} className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
            {rows.map((response) => (
              <li key={response.id} className="flex items-center gap-1 px-2">
                <button type="button" onClick={() => open(response.id)} className="min-h-14 min-w-0 flex-1 rounded-lg px-2 py-2 text-left outline-offset-[-2px] hover:bg-sunken">
                  <span className="block truncate font-medium">/{response.code}</span>
                  <span className="line-clamp-2 text-sm text-pretty text-muted">{response.text}</span>
                  {response.files.length > 0 && (
                    <span className="mt-0.5 inline-flex items-center gap-1 text-xs text-muted">
                      <Paperclip aria-hidden="true" className="size-3" />
                      {t('settings.canned.files', { count: response.files.length })}
                    </span>
                  )}
                </button>
                <IconButton label={t('settings.canned.delete', { code: response.code })} onClick={() => setLeaving(response)}>
                  <Trash2 aria-hidden="true" className="size-4" />
                </IconButton>
              </li>
            ))}
          </ul>
        )}
      </Paged>
      {(opened === 'novo' || item) && <CannedForm key={opened} response={item} onClose={() => open(undefined)} />}
      <Confirm
        open={leaving !== undefined}
        onOpenChange={(next) => !next && setLeaving(undefined)}
        title={t('settings.canned.deleteTitle', { code: leaving?.code ?? '' })}
        lead={t('settings.canned.deleteLead')}
        yes={t('settings.canned.deleteYes')}
        tone="danger"
        pending={remove.isPending}
        onYes={() => leaving && remove.mutate(leaving)}
      />
    </section>
  );
}

function CannedForm({ response, onClose }: { response: CannedResponse | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const first = useRef<HTMLInputElement>(null);
  const [files, setFiles] = useState<readonly Media[]>(response?.files ?? []);
  const save = useMutation({
    mutationFn: (body: { code: string; text: string; media_ids: number[] }) => saveCanned(response?.id, body),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: cannedKeys.all });
      toast({ words: response ? t('settings.saved') : t('settings.canned.added') });
      onClose();
    },
  });
  const upload = useMutation({
    mutationFn: async (chosen: File[]) => Promise.all(chosen.map(uploadFile)),
    onSuccess: (uploaded) => setFiles((old) => [...old, ...uploaded].slice(0, MOST_FILES)),
  });
  const { error } = save;
  const taken = error instanceof ApiError && error.status === 409;
  const told = taken ? new ApiError(409, error.code, error.detail, error.requestId, 0, [{ location: 'body.code', message: t('settings.canned.codeTaken') }]) : error;
  return (
    <FormDialog
      open
      initialFocus={first}
      onOpenChange={(next) => !next && onClose()}
      width="wide"
      title={response ? t('settings.canned.edit', { code: response.code }) : t('settings.canned.new')}
      names={['code', 'text', 'media_ids']}
      error={told}
      pending={save.isPending || upload.isPending}
      submit={t('settings.save')}
      onSubmit={(values) => save.mutate({ code: textOf(values, 'code').trim().replace(/^\//, ''), text: textOf(values, 'text'), media_ids: files.map(({ id }) => id) })}
    >
      <TextField
        ref={first}
        label={t('settings.canned.code')}
        name="code"
        hint={t('settings.canned.codeHint')}
        placeholder={t('settings.canned.codePlaceholder')}
        start={response?.code ?? ''}
        maxLength={41}
        spellCheck={false}
        autoCapitalize="none"
        required
      />
      <TextArea
        label={t('settings.canned.text')}
        name="text"
        hint={t('settings.canned.textHint')}
        placeholder={t('settings.canned.textPlaceholder')}
        start={response?.text ?? ''}
        maxLength={4096}
        rows={6}
      />
      <div className="space-y-2">
        <p className="text-sm font-medium">{t('settings.canned.attachments')}</p>
        <p className="text-xs text-pretty text-muted">{t('settings.canned.attachmentsHint', { count: MOST_FILES })}</p>
        {files.length > 0 && (
          <ul aria-label={t('settings.canned.attachments')} className="divide-y divide-line rounded-lg border border-line">
            {files.map((file) => (
              <li key={file.id} className="flex items-center gap-2 py-1 pr-1 pl-3 text-sm">
                <Paperclip aria-hidden="true" className="size-4 shrink-0 text-faint" />
                <span className="min-w-0 flex-1 truncate">{file.filename || file.mime_type}</span>
                <IconButton label={t('kit.remove', { name: file.filename || String(file.id) })} onClick={() => setFiles(files.filter((each) => each !== file))}>
                  <X aria-hidden="true" className="size-4" />
                </IconButton>
              </li>
            ))}
          </ul>
        )}
        <label className="inline-flex min-h-9 cursor-pointer items-center gap-2 rounded-lg border border-line bg-surface px-3.5 text-sm font-medium hover:bg-sunken has-disabled:cursor-not-allowed has-disabled:opacity-60 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent">
          <Paperclip aria-hidden="true" className="size-4" />
          {upload.isPending ? t('settings.canned.uploading') : t('settings.canned.attach')}
          <input
            type="file"
            multiple
            disabled={upload.isPending || files.length >= MOST_FILES}
            onChange={(event) => {
              const chosen = [...(event.target.files ?? [])].slice(0, MOST_FILES - files.length);
              event.target.value = '';
              if (chosen.length > 0) upload.mutate(chosen);
            }}
            className="sr-only"
          />
        </label>
        {upload.isError && (
          <p role="alert" className="text-sm text-bad">
            {t('settings.canned.uploadFailed')}
          </p>
        )}
      </div>
    </FormDialog>
  );
}
