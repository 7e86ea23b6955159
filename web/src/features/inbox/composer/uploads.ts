import { ApiError, networkError, problemOf } from '@/api/problem';
import type { Media } from '@/api/types';
import { preferences } from '@/app/preferences';

/** A file on its way to the server. */
export interface Upload {
  done: Promise<Media>;
  cancel: () => void;
}

/** Uploads a file and tells how far it is. fetch cannot: this is the one call that does not go through the client. */
export function upload(file: Blob, name: string, { voice = false, onProgress }: { voice?: boolean; onProgress?: (share: number) => void } = {}): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<Media>((resolve, reject) => {
    request.open('POST', '/v1/media');
    request.setRequestHeader('Accept-Language', preferences().language);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) onProgress?.(event.loaded / event.total);
    };
    request.onload = () => {
      let body: unknown;
      try {
        body = JSON.parse(request.responseText);
      } catch {
        body = undefined;
      }
      if (request.status >= 200 && request.status < 300) resolve(body as Media);
      else reject(problemOf(new Response(null, { status: request.status < 200 ? 599 : request.status }), body));
    };
    request.onerror = () => reject(networkError(undefined));
    request.onabort = () => reject(new ApiError(0, 'cancelled', ''));
    const form = new FormData();
    if (voice) form.append('voice', 'true');
    form.append('file', file, name);
    request.send(form);
  });
  return { done, cancel: () => request.abort() };
}
