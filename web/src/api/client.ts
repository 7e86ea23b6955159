import createClient from 'openapi-fetch';
import { preferences } from '@/app/preferences';
import { networkError, problemOf } from './problem';
import type { paths } from './schema.gen';

/** Calls the API of the server that served this page, with the cookie of the sign-in. */
export const api = createClient<paths>({ baseUrl: location.origin, credentials: 'same-origin', fetch: (request) => fetch(request) });

api.use({
  onRequest: ({ request }) => {
    request.headers.set('Accept-Language', preferences().language);
    return request;
  },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

let onSignedOut: () => void = () => undefined;

/** Tells what to do when the server says that nobody is signed in any more. */
export function whenSignedOut(run: () => void): void {
  onSignedOut = run;
}

/** What the API answered, or an ApiError. An answer of 401 ends the sign-in too. */
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw networkError(cause);
  }
  if (!answer.response.ok) {
    if (answer.response.status === 401) onSignedOut();
    throw problemOf(answer.response, answer.error);
  }
  return answer.data as T;
}
