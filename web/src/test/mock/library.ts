import type { LibraryFile } from '../../api/types';
import type { MockAnswer } from './api.ts';
import { ago } from './people.ts';

/** What a shop sends again and again. */
export function freshLibrary(now: number): LibraryFile[] {
  const file = (id: number, name: string, folder: string, kind: 'image' | 'sticker' | 'document' | 'video', mime: string, content: number): LibraryFile => ({
    id,
    name,
    folder,
    kind,
    media: { id: 500 + id, state: 'stored', kind: kind === 'sticker' ? 'image' : kind, mime_type: mime, filename: `${name}.${mime.split('/')[1]}`, size: 21_000 * id, url: `/v1/media/${content}/content`, created_at: ago(now, 9000) },
    author: { id: 1, name: 'Ana Ribeiro' },
    created_at: ago(now, 1000 * id),
  });
  return [
    file(1, 'Catálogo de cafés', 'Catálogos', 'document', 'application/pdf', 3),
    file(2, 'Fachada da loja', '', 'image', 'image/jpeg', 1),
    file(3, 'Obrigado', 'Figurinhas', 'sticker', 'image/webp', 4),
    file(4, 'Bom dia', 'Figurinhas', 'sticker', 'image/webp', 4),
    file(5, 'Como moer', 'Vídeos', 'video', 'video/mp4', 1),
  ];
}

const page = (data: unknown[]): MockAnswer => ({ status: 200, body: { data, next_cursor: null, has_more: false } });

/** The answer to what is asked of the library; undefined when it is something else. */
export function libraryAnswer(files: LibraryFile[], method: string, url: URL, body: string): MockAnswer | undefined {
  const match = /^\/v1\/library(?:\/(folders|\d+))?$/.exec(url.pathname);
  if (!match) return undefined;
  if (match[1] === 'folders') {
    const names = [...new Set(files.map(({ folder }) => folder).filter(Boolean))].sort();
    return page(names.map((name) => ({ name, files: files.filter(({ folder }) => folder === name).length })));
  }
  if (method === 'GET') {
    const is = (name: string, value: string) => !url.searchParams.has(name) || url.searchParams.get(name) === value;
    const words = url.searchParams.get('q')?.toLowerCase() ?? '';
    return page(files.filter((each) => is('folder', each.folder) && is('kind', each.kind) && `${each.name} ${each.folder}`.toLowerCase().includes(words)));
  }
  const at = files.findIndex(({ id }) => id === Number(match[1]));
  const old = files[at];
  if (method === 'DELETE') {
    files.splice(at, 1);
    return { status: 204, body: undefined };
  }
  const change = JSON.parse(body) as { media_id?: number; name?: string; folder?: string };
  if (old) {
    Object.assign(old, change);
    return { status: 200, body: old };
  }
  const id = Math.max(0, ...files.map((each) => each.id)) + 1;
  const made: LibraryFile = {
    id,
    name: change.name ?? 'foto',
    folder: change.folder ?? '',
    kind: 'image',
    media: { id: change.media_id ?? 1, state: 'stored', kind: 'image', mime_type: 'image/png', filename: 'foto.png', size: 2048, url: '/v1/media/1/content', created_at: new Date().toISOString() },
    created_at: new Date().toISOString(),
  };
  files.unshift(made);
  return { status: 201, body: made };
}
