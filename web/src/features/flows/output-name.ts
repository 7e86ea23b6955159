import type { TFunction } from 'i18next';
import { flowTexts } from '@/i18n/pt-br.flows';

type Known = keyof typeof flowTexts.flows.outputs;

/** What people read for an output: words for the shared ones, the choice's title or its id for the rest. */
export function outputName(t: TFunction, output: string, titles?: ReadonlyMap<string, string>): string {
  const title = titles?.get(output);
  if (title !== undefined) return title;
  return Object.hasOwn(flowTexts.flows.outputs, output) ? t(`flows.outputs.${output as Known}`) : output;
}
