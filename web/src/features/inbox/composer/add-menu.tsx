import { FileText, Image, Images, LayoutList, MapPin, MousePointerClick, Music, Plus, Sticker, UserRound } from 'lucide-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Capabilities, Content, Conversation, LibraryFile } from '@/api/types';
import { IconButton } from '@/components/button';
import { Menu, type MenuItem } from '@/components/menu';
import { usePreferences } from '@/app/preferences';
import { fileSize } from '@/i18n/format';

const AddDialog = lazy(() => import('./add-dialog'));
const LibraryPicker = lazy(() => import('./library-picker'));

/** What is asked for in a dialog before it is sent. */
export type Asked = 'contact' | 'location' | 'buttons' | 'list';

const ACCEPTS = { media: 'image/*,video/*', audio: 'audio/*', document: '' } as const;

/** The + of the composer: files by kind with the channel's limits, and what the channel has besides text. */
export function AddMenu({
  conversation,
  limits,
  disabled,
  onFiles,
  onLibrary,
  onContent,
}: {
  conversation: Conversation;
  limits: Capabilities | undefined;
  disabled: boolean;
  onFiles: (files: File[]) => void;
  onLibrary: (file: LibraryFile) => void;
  onContent: (content: Content) => void;
}) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const input = useRef<HTMLInputElement>(null);
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const [library, setLibrary] = useState<'files' | 'stickers' | undefined>(undefined);
  const choose = (what: keyof typeof ACCEPTS) => {
    if (!input.current) return;
    input.current.accept = ACCEPTS[what];
    input.current.click();
  };
  // Without the channel's limits everything is offered: the server says what cannot be sent.
  const has = (kind: Content['kind']) => limits === undefined || limits.kinds === null || limits.kinds.includes(kind);
  const upTo = (kind: string) => {
    const max = limits?.media?.[kind]?.max_bytes;
    return max ? ` · ${t('composer.add.upTo', { max: fileSize(max, language) })}` : '';
  };
  const items: MenuItem[] = [
    ...(has('image') || has('video') ? [{ words: t('composer.add.media') + upTo('image'), icon: Image, onSelect: () => choose('media') }] : []),
    ...(has('document') ? [{ words: t('composer.add.document') + upTo('document'), icon: FileText, onSelect: () => choose('document') }] : []),
    ...(has('audio') ? [{ words: t('composer.add.audio') + upTo('audio'), icon: Music, onSelect: () => choose('audio') }] : []),
    { words: t('composer.library.title'), icon: Images, onSelect: () => setLibrary('files') },
    ...(has('sticker') ? [{ words: t('composer.library.stickers'), icon: Sticker, onSelect: () => setLibrary('stickers') }] : []),
    ...(has('contacts') ? [{ words: t('composer.add.contact'), icon: UserRound, onSelect: () => setAsked('contact') }] : []),
    ...(has('location') ? [{ words: t('composer.add.location'), icon: MapPin, onSelect: () => setAsked('location') }] : []),
    ...(has('buttons') ? [{ words: t('composer.add.buttons'), icon: MousePointerClick, onSelect: () => setAsked('buttons') }] : []),
    ...(has('list') ? [{ words: t('composer.add.list'), icon: LayoutList, onSelect: () => setAsked('list') }] : []),
  ];
  return (
    <>
      <Menu
        label={t('composer.add.title')}
        align="start"
        trigger={
          <IconButton label={t('composer.add.title')} disabled={disabled} className="size-10">
            <Plus aria-hidden="true" className="size-5" />
          </IconButton>
        }
        items={items}
      />
      <input
        ref={input}
        type="file"
        multiple
        className="sr-only"
        tabIndex={-1}
        aria-hidden="true"
        data-files=""
        onChange={(event) => {
          const chosen = [...(event.target.files ?? [])];
          event.target.value = '';
          if (chosen.length > 0) onFiles(chosen);
        }}
      />
      {library !== undefined && (
        <Suspense>
          <LibraryPicker
            stickers={library === 'stickers'}
            onClose={() => setLibrary(undefined)}
            onPick={(file) => {
              setLibrary(undefined);
              onLibrary(file);
            }}
          />
        </Suspense>
      )}
      {asked !== undefined && (
        <Suspense>
          <AddDialog
            what={asked}
            conversation={conversation}
            limits={limits}
            onClose={() => setAsked(undefined)}
            onContent={(content) => {
              setAsked(undefined);
              onContent(content);
            }}
          />
        </Suspense>
      )}
    </>
  );
}
