import type { Doc } from './document/document';
import { ENTRY, keptPlaces, placesOf, withPlaces } from './document/places';

/** The document with a place for everything in it. One that has them all is the same object. */
export function settled(doc: Doc): Doc {
  const kept = keptPlaces(doc);
  if (kept[ENTRY] && doc.nodes.every(({ id }) => kept[id])) return doc;
  return withPlaces(doc, placesOf(doc));
}
