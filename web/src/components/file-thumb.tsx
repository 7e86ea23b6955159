import { AudioLines, FileText, Film, ImageIcon, type LucideIcon } from 'lucide-react';
import type { Media } from '@/api/types';

const ICONS: Record<string, LucideIcon> = { image: ImageIcon, sticker: ImageIcon, video: Film, audio: AudioLines, voice: AudioLines };

/** A file as a picture: the picture it is, or a sign of its kind. It fills what it is put into; words stand beside it. */
export function FileThumb({ media, kind, whole = false }: { media: Media; kind: string; whole?: boolean }) {
  const Icon = ICONS[kind] ?? FileText;
  if (media.mime_type.startsWith('image/') && media.url) {
    return <img src={media.url} alt="" loading="lazy" draggable={false} className={`size-full ${whole || kind === 'sticker' ? 'object-contain' : 'object-cover'}`} />;
  }
  return (
    <span className="flex size-full items-center justify-center bg-accent-soft text-accent-strong">
      <Icon aria-hidden="true" className="size-7" />
    </span>
  );
}
