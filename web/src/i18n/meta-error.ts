import type { TFunction } from 'i18next';
import '@/i18n/rest';

// Meta's codes with words of their own. The list is Meta's and grows: any other code has the general words.
const KNOWN = [
  '0', '10', '100', '190', '368', '130403', '130429', '130472', '130497', '131000', '131005', '131008', '131009',
  '131016', '131021', '131026', '131030', '131031', '131037', '131042', '131045', '131047', '131048', '131049',
  '131050', '131051', '131052', '131053', '131056', '131057', '132000', '132001', '132005', '132007', '132012',
  '132015', '132016', '133010',
] as const;

type MetaErrorCode = (typeof KNOWN)[number];

/** What a failed send is explained by: a code, no answer, or the general words. */
export type MetaErrorKey = MetaErrorCode | 'network' | 'generic';

/** Meta's public list of error codes (rule 126). */
export const META_CODES_URL = 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes';

/** What a failed send means and what to do about it, in the reader's words (rules 127–130). */
export function explainFailure(t: TFunction, code: number | null | undefined): { what: string; todo: string } {
  const key: MetaErrorKey = code === null || code === undefined ? 'network' : (KNOWN.find((each) => each === String(code)) ?? 'generic');
  return { what: t(`metaErrors.${key}.what`), todo: t(`metaErrors.${key}.todo`) };
}
