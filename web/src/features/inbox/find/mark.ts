import { placesOf } from './excerpt';

const NAME = 'found';

/** Ranges of a piece of text inside an element. They cross marks, so that “*bol*eto” is found whole. */
function rangesIn(root: Element, piece: string): Range[] {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes: { node: Node; begin: number }[] = [];
  let text = '';
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    nodes.push({ node, begin: text.length });
    text += node.nodeValue ?? '';
  }
  const put = (at: number, isEnd: boolean) => {
    const holder = nodes.findLast(({ begin }) => (isEnd ? begin < at : begin <= at));
    return holder && { node: holder.node, offset: at - holder.begin };
  };
  return placesOf(text, piece).flatMap(([begin, end]) => {
    const from = put(begin, false);
    const to = put(end, true);
    if (!from || !to) return [];
    const range = document.createRange();
    range.setStart(from.node, from.offset);
    range.setEnd(to.node, to.offset);
    return [range];
  });
}

/**
 * Marks a piece of text in every message that is drawn, without touching the messages: the browser paints ranges. Rows come
 * and go with scrolling, so it looks again whenever the log changes. The answer ends it. Where a browser cannot paint ranges,
 * the lit bubble still shows the hit.
 */
export function markIn(log: Element, piece: string): () => void {
  if (!('highlights' in CSS) || typeof Highlight === 'undefined' || piece.trim() === '') return () => undefined;
  const paint = () => CSS.highlights.set(NAME, new Highlight(...[...log.querySelectorAll('article [dir="auto"]')].flatMap((each) => rangesIn(each, piece))));
  paint();
  const observer = new MutationObserver(paint);
  observer.observe(log, { childList: true, subtree: true, characterData: true });
  return () => {
    observer.disconnect();
    CSS.highlights.delete(NAME);
  };
}
