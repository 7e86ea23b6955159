// Meta's words for a template's state and category, in small letters. The lists are Meta's and grow: any other word is shown
// as it came.
const STATUSES = [
  'approved',
  'pending',
  'rejected',
  'paused',
  'disabled',
  'in_appeal',
  'pending_deletion',
  'deleted',
  'limit_exceeded',
  'archived',
  'missing',
] as const;
const CATEGORIES = ['marketing', 'utility', 'authentication'] as const;

/** A state of a template with words of its own. */
export type TemplateStatus = (typeof STATUSES)[number];
/** A category of templates with words of its own. */
export type TemplateCategory = (typeof CATEGORIES)[number];

/** The state as it came from Meta; undefined for one without words. */
export function templateStatus(word: string): TemplateStatus | undefined {
  return STATUSES.find((each) => each === word.toLowerCase());
}

/** The category as it came from Meta; undefined for one without words. */
export function templateCategory(word: string): TemplateCategory | undefined {
  return CATEGORIES.find((each) => each === word.toLowerCase());
}
