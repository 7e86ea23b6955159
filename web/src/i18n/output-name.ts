import type { TFunction } from 'i18next';

// The outputs that node kinds share. Every other output is a choice of its node, and may be named like one of these words.
const SHARED_OUTPUTS = [
  'ok',
  'invalid',
  'timeout',
  'failed',
  'other',
  'window_closed',
  'cancelled',
  'true',
  'false',
  'yes',
  'no',
  'default',
  'item',
  'done',
  'open',
  'closed',
  'holiday',
  'client_error',
  'server_error',
  'missing',
  'paused',
  'rejected',
  'redirect',
  'not_json',
  'no_content',
] as const;

/** An output that has words of its own. */
export type SharedOutput = (typeof SHARED_OUTPUTS)[number];

/** Whether an output has words of its own. */
export function isSharedOutput(output: string): output is SharedOutput {
  return SHARED_OUTPUTS.some((each) => each === output);
}

/** What people read for an output: words for the shared ones, the choice's title or its id for the rest. */
export function outputName(t: TFunction, output: string, titles?: ReadonlyMap<string, string>): string {
  const title = titles?.get(output);
  if (title !== undefined) return title;
  return isSharedOutput(output) ? t(`outputs.${output}`) : output;
}
