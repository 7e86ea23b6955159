import type { TFunction } from 'i18next';
import { metaErrors } from '@/i18n/pt-br.errors';

type Known = keyof typeof metaErrors;

/** Meta's public list of error codes (rule 126). */
export const META_CODES_URL = 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes';

function isKnown(key: string): key is Known {
  return Object.hasOwn(metaErrors, key);
}

/** What a failed send means and what to do about it, in the reader's words (rules 127–130). */
export function explainFailure(t: TFunction, code: number | null | undefined): { what: string; todo: string } {
  const key = code === null || code === undefined ? 'network' : String(code);
  const known: Known = isKnown(key) ? key : 'generic';
  return { what: t(`metaErrors.${known}.what`), todo: t(`metaErrors.${known}.todo`) };
}
