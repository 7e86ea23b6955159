import { createContext, useContext } from 'react';
import type { Flow } from '@/api/types';
import type { From } from './document/edit';
import type { Names } from './summary';

/** What faces and panels share besides the document. */
export interface DesignerDesk {
  names: Names;
  /** The problems of a node. */
  problemsOf: (id: string) => Flow['problems'];
  /** The node where a tried conversation stands. */
  lit?: string;
  /** The outputs that a tried conversation left by, as “node:output”. */
  travelled?: ReadonlySet<string>;
  /** The nodes whose call is answered by a pinned answer while the draft is tried. */
  pinned?: ReadonlySet<string>;
  /** Asks what to add: behind an output, or at the flow's beginning. */
  openPalette: (from: From | undefined) => void;
  /** Asks what to put on an edge. */
  openInsert: (from: From) => void;
  /** Shows a node and chooses it. */
  flyTo: (id: string) => void;
}

const DeskContext = createContext<DesignerDesk | undefined>(undefined);

/** Gives the desk to what is drawn inside. */
export const DeskProvider = DeskContext.Provider;

/** What faces and panels share. */
export function useDesk(): DesignerDesk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error('there is no desk around');
  return desk;
}
