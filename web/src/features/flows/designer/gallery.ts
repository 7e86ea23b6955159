import type { FlowCategory } from '@/api/types';
import { isObject, readDoc, type Doc } from './document/document';

/** A flow that one can begin with. */
export interface Example {
  /** The folder's name in the repository. */
  id: ExampleId;
  load: () => Promise<Doc>;
}

/** The examples with words of their own. */
export type ExampleId = 'welcome-menu' | 'out-of-hours' | 'lead-qualification' | 'second-copy-of-bill' | 'booking' | 'product-showcase' | 'satisfaction-survey' | 'order-tracking' | 'frequent-questions' | 'payment-agreement' | 'job-application' | 'event-registration';

const ORDER: readonly ExampleId[] = ['welcome-menu', 'out-of-hours', 'lead-qualification', 'second-copy-of-bill', 'booking', 'product-showcase', 'order-tracking', 'frequent-questions', 'payment-agreement', 'event-registration', 'job-application', 'satisfaction-survey'];

// The same files that the engine's tests play; each is fetched when it is chosen.
const FILES = import.meta.glob('../../../../../examples/flows/*/flow.json', { import: 'default' });

/** The example flows of the repository, in the gallery's order. */
export const EXAMPLES: readonly Example[] = ORDER.flatMap((id) => {
  const load = Object.entries(FILES).find(([path]) => path.includes(`/${id}/`))?.[1];
  if (!load) return [];
  return [
    {
      id,
      load: async () => {
        const file = await load();
        const doc = readDoc(file);
        if (!isObject(file) || !doc) throw new Error(`the example ${id} cannot be read`);
        // Where the schema lies is a matter of the repository.
        const kept = { ...doc };
        delete kept.$schema;
        return kept;
      },
    },
  ];
});

/** A flow of a category that has nothing yet but its usual way in. */
export function emptyFlow(name: string, category: FlowCategory): Doc {
  const kind = ({ initial: 'inbound', closing: 'closing', manual: 'manual', scheduled: 'scheduled' } as const)[category];
  return { spec_version: 1, name, category, triggers: [{ id: kind, kind }], start: '', nodes: [] };
}
