/** Words around a hit: what stands before it, the hit as it was written, and what follows. */
export interface Excerpt {
  before: string;
  hit: string;
  after: string;
}

/** How much of a text stands before a hit: short enough that the hit is in the row of a phone. */
const BEFORE = 24;

/** One character as the server compares it: without accents and capitals. It may be several or none. */
function folded(char: string): string {
  return char.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Where a piece of text is in a text, again and again: begin and end of each place, accents and capitals apart. */
export function placesOf(text: string, piece: string): [number, number][] {
  const wanted = [...piece.trim()].map(folded).join('');
  if (wanted === '') return [];
  // Folding changes lengths: each folded character remembers where it came from.
  let plain = '';
  const from: number[] = [];
  let at = 0;
  for (const char of text) {
    for (const each of folded(char)) {
      plain += each;
      for (let n = 0; n < each.length; n += 1) from.push(at);
    }
    at += char.length;
  }
  from.push(at);
  const places: [number, number][] = [];
  for (let found = plain.indexOf(wanted); found >= 0; found = plain.indexOf(wanted, found + wanted.length)) {
    places.push([from[found] ?? 0, from[found + wanted.length] ?? at]);
  }
  return places;
}

/** The part of a text that shows the first hit. A text without one is shown from its beginning. */
export function excerptOf(text: string, piece: string): Excerpt {
  const words = text.replace(/\s+/g, ' ').trim();
  const [first] = placesOf(words, piece);
  if (!first) return { before: words, hit: '', after: '' };
  const [begin, end] = first;
  let cut = 0;
  if (begin > BEFORE) {
    const space = words.indexOf(' ', begin - BEFORE);
    cut = space >= 0 && space < begin ? space + 1 : begin - BEFORE;
  }
  return { before: `${cut > 0 ? '…' : ''}${words.slice(cut, begin)}`, hit: words.slice(begin, end), after: words.slice(end) };
}
