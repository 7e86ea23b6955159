import { Paperclip, X } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/button';
import { composing, type Attachment } from './compose';
import { startUpload } from './files';
import type { HeaderFile, TemplateField } from '@/components/template-parts';

const ACCEPTS: Record<HeaderFile, string> = { image: 'image/jpeg,image/png', video: 'video/mp4,video/3gpp', document: '.pdf,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.txt' };

/** The file of a template's header: the agent chooses it, it is uploaded, and it shows in the preview. */
export function HeaderFileField({
  id,
  conversation,
  field,
  kind,
  file,
  wrong,
}: {
  id: string;
  conversation: { id: number };
  field: TemplateField;
  kind: HeaderFile;
  file: Attachment | undefined;
  wrong: boolean;
}) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const set = (next: Attachment | undefined) => {
    const others = Object.entries(composing.of(conversation.id).template.files).filter(([key]) => key !== field.key);
    composing.fill(conversation.id, { files: Object.fromEntries(next ? [...others, [field.key, next]] : others) });
  };
  const name = t(`composer.template.file.${kind}`);
  return (
    <div className="flex flex-col gap-1">
      <p className="text-sm font-medium">{field.card === undefined ? name : t('composer.template.card', { number: field.card, name })}</p>
      {file ? (
        <p className="flex items-center gap-2 rounded-lg border border-line bg-raised py-1 pr-1 pl-3 text-sm">
          <span className="min-w-0 flex-1 truncate">{file.name}</span>
          <span role="status" className={`tabular text-xs ${file.state === 'failed' ? 'text-bad' : 'text-muted'}`}>
            {file.state === 'failed' ? file.problem : file.state === 'ready' ? t('composer.file.ready') : `${Math.round(file.progress * 100)}%`}
          </span>
          <IconButton label={t('composer.file.remove', { name: file.name })} className="size-7" onClick={() => set(undefined)}>
            <X aria-hidden="true" className="size-4" />
          </IconButton>
        </p>
      ) : (
        <button
          id={id}
          type="button"
          onClick={() => input.current?.click()}
          className={`inline-flex min-h-10 items-center justify-center gap-2 rounded-lg border border-dashed px-3 text-sm font-medium text-accent-strong hover:bg-sunken ${wrong ? 'border-bad' : 'border-line-strong'}`}
        >
          <Paperclip aria-hidden="true" className="size-4" />
          {t('composer.template.chooseFile')}
        </button>
      )}
      {wrong && <p className="text-xs text-bad">{t('composer.template.missing')}</p>}
      <input
        ref={input}
        type="file"
        accept={ACCEPTS[kind]}
        className="sr-only"
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          const chosen = event.target.files?.[0];
          event.target.value = '';
          if (chosen) startUpload(conversation.id, chosen, kind, set);
        }}
      />
    </div>
  );
}
