import { createContext } from 'react';

/** A picture as it is shown large. */
export interface Picture {
  src: string;
  alt: string;
  caption: string;
  filename: string;
}

/** Opens a picture large; a place without it shows pictures only where they stand. */
export const PictureContext = createContext<((picture: Picture) => void) | undefined>(undefined);
