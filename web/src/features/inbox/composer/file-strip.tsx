import { AudioLines, FileText, Film, RotateCw, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Capabilities } from '@/api/types';
import { usePreferences } from '@/app/preferences';
import { IconButton } from '@/components/button';
import { fileSize } from '@/i18n/format';
import { composing, type Attachment } from './compose';
import { dropFile, uploadAgain } from './files';

const ICONS = { image: FileText, sticker: FileText, video: Film, audio: AudioLines, voice: AudioLines, document: FileText } as const;

/** The files that go with the answer: their pictures, how far they are, and a way to take each out. */
export function FileStrip({ conversation, files, limits }: { conversation: number; files: readonly Attachment[]; limits: Capabilities | undefined }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const remove = (file: Attachment) => {
    dropFile(file);
    composing.write(conversation, 'reply', { files: composing.of(conversation).reply.files.filter((each) => each.id !== file.id) });
  };
  return (
    <ul aria-label={t('composer.file.list')} className="flex gap-2 overflow-x-auto pb-1">
      {files.map((file) => {
        const Icon = ICONS[file.kind];
        const max = limits?.media?.[file.kind]?.max_bytes;
        return (
          <li key={file.id} className="relative flex w-52 shrink-0 items-center gap-2 overflow-hidden rounded-lg border border-line bg-raised p-1.5 text-sm">
            {(file.kind === 'image' || file.kind === 'sticker') && file.preview !== undefined ? (
              <img src={file.preview} alt="" className="size-11 shrink-0 rounded object-contain" />
            ) : (
              <span className="flex size-11 shrink-0 items-center justify-center rounded bg-accent-soft text-accent-strong">
                <Icon aria-hidden="true" className="size-5" />
              </span>
            )}
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{file.name}</span>
              <span className={`tabular block truncate text-xs ${file.state === 'failed' ? 'text-bad' : 'text-muted'}`} title={file.problem}>
                {file.state === 'failed'
                  ? file.problem
                  : `${t(`composer.file.kind.${file.kind}`)} · ${fileSize(file.size, language)}${max ? ` / ${fileSize(max, language)}` : ''}`}
              </span>
            </span>
            {file.state === 'failed' && (
              <IconButton label={t('composer.file.again', { name: file.name })} className="size-7" onClick={() => uploadAgain(file.id)}>
                <RotateCw aria-hidden="true" className="size-4" />
              </IconButton>
            )}
            <IconButton label={t('composer.file.remove', { name: file.name })} className="size-7" onClick={() => remove(file)}>
              <X aria-hidden="true" className="size-4" />
            </IconButton>
            {file.state === 'uploading' && (
              <span
                role="progressbar"
                aria-label={t('composer.file.progress', { name: file.name })}
                aria-valuemin={0}
                aria-valuemax={100}
                aria-valuenow={Math.round(file.progress * 100)}
                className="absolute inset-x-0 bottom-0 h-1 bg-sunken"
              >
                <span className="block h-full bg-accent" style={{ width: `${file.progress * 100}%` }} />
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
