import type { ContentHeader, Media } from '@/api/types';
import { DocumentContent, ImageContent, VideoContent } from './media';

/** What stands above the body of a message: a line, or a file. */
export function HeaderPart({ header, file, sender }: { header: Omit<ContentHeader, 'kind'> & { kind: string }; file?: Media | undefined; sender: string }) {
  if (header.text) return <p className="font-semibold">{header.text}</p>;
  if (!header.media) return null;
  if (header.kind === 'video') return <VideoContent media={header.media} file={file} />;
  if (header.kind === 'document') return <DocumentContent media={header.media} file={file} />;
  return <ImageContent media={header.media} file={file} sender={sender} />;
}
