import type { TFunction } from 'i18next';
import { z } from 'zod/mini';
import { refusalSentence } from '@/i18n/refusal';

const problemSchema = z.object({
  title: z.optional(z.string()),
  status: z.optional(z.number()),
  detail: z.optional(z.string()),
  code: z.optional(z.string()),
  key: z.optional(z.string()),
  args: z.optional(z.record(z.string(), z.string())),
  request_id: z.optional(z.string()),
  errors: z.optional(z.array(z.object({ location: z.string(), message: z.string() }))),
});

/** One place of what was sent that the server refused, e.g. body.name. */
export interface WrongPlace {
  location: string;
  /** What is wrong with it, in English. */
  message: string;
}

/** An answer that is not a success, or no answer at all (status 0). */
export class ApiError extends Error {
  readonly status: number;
  /** The server's stable word for what happened, e.g. not_found. */
  readonly code: string;
  /** One English sentence for people, without personal data. */
  readonly detail: string;
  readonly requestId: string;
  /** From Retry-After: seconds to wait, 0 when not told. */
  readonly retryAfter: number;
  /** What is wrong, by place; empty when the whole is refused. */
  readonly fields: readonly WrongPlace[];
  /** Finer than code, e.g. ticket.taken; empty when the server has no finer word. */
  readonly key: string;
  /** What the sentence about a refusal names: people, times. */
  readonly args: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    requestId = '',
    retryAfter = 0,
    fields: readonly WrongPlace[] = [],
    key = '',
    args: Readonly<Record<string, string>> = {},
  ) {
    super(detail || code || `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
    this.fields = fields;
    this.key = key;
    this.args = args;
  }

  /** Whether the same call may succeed by itself a little later: no network, or a server that is not there now. */
  get passes(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504;
  }

  /** Whether it is a refusal that people are told in a sentence of its own: the server's English adds nothing. */
  told(t: TFunction): boolean {
    return refusalSentence(t, this.key, this.args) !== undefined;
  }

  /** What happened, in the reader's language. */
  sayWith(t: TFunction): string {
    const sentence = refusalSentence(t, this.key, this.args);
    if (sentence !== undefined) return sentence;
    if (this.status === 0) return t('error.network');
    if (this.status === 403) return t('error.forbidden');
    if (this.status === 404) return t('error.notFound');
    if (this.status === 502 || this.status === 503 || this.status === 504) return t('error.unavailable');
    return t('error.unknown');
  }
}

/** Reads a problem+json body (or anything else) into an ApiError. */
export function problemOf(response: Response, body: unknown): ApiError {
  const parsed = problemSchema.safeParse(body);
  const problem = parsed.success ? parsed.data : {};
  const retryAfter = Number(response.headers.get('Retry-After') ?? '0');
  return new ApiError(
    response.status,
    problem.code ?? '',
    problem.detail ?? problem.title ?? '',
    problem.request_id ?? response.headers.get('X-Request-Id') ?? '',
    Number.isFinite(retryAfter) ? retryAfter : 0,
    problem.errors ?? [],
    problem.key ?? '',
    problem.args ?? {},
  );
}

/** What a call to fetch threw: no network, a refused connection, an aborted request. */
export function networkError(cause: unknown): ApiError {
  return new ApiError(0, 'network', cause instanceof Error ? cause.message : '');
}
