/** A run of text inside a line. Nothing here is HTML: whoever draws it makes nodes. */
export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'bold' | 'italic' | 'strike'; children: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'link'; text: string; href: string };

/** A part of a message that stands on lines of its own. */
export type Block =
  | { kind: 'paragraph'; children: Inline[] }
  | { kind: 'quote'; children: Inline[] }
  | { kind: 'list'; ordered: boolean; start: number; items: Inline[][] }
  | { kind: 'code'; text: string };

const MARKS = { '*': 'bold', _: 'italic', '~': 'strike' } as const;
type Mark = keyof typeof MARKS;

const WORD = /[\p{L}\p{N}]/u;
// Bounded, so that a long run of letters costs no more than its length.
const LINK = /https?:\/\/[^\s<>"]{1,2000}|www\.[^\s<>"]{1,2000}|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}/giu;
const TRAILING = /[.,;:!?)\]}'"*_~]+$/;

interface Link {
  start: number;
  end: number;
  href: string;
}

/** The address a piece of text leads to. Only http, https and mailto: a message never makes a script run. */
function hrefOf(text: string): string | undefined {
  const candidate = /^https?:\/\//i.test(text) ? text : /^www\./i.test(text) ? `https://${text}` : `mailto:${text}`;
  try {
    const url = new URL(candidate);
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

function findLinks(text: string): Link[] {
  const links: Link[] = [];
  for (const match of text.matchAll(LINK)) {
    const start = match.index;
    if (start > 0 && WORD.test(text[start - 1] ?? '')) continue;
    const shown = match[0].replace(TRAILING, '');
    const href = shown === '' ? undefined : hrefOf(shown);
    if (href !== undefined) links.push({ start, end: start + shown.length, href });
  }
  return links;
}

function isMark(char: string | undefined): char is Mark {
  return char === '*' || char === '_' || char === '~';
}

/** Where a mark that opened at `open` closes, or -1. A mark hugs its words and never crosses a line. */
function closing(text: string, mark: Mark, open: number, links: Link[]): number {
  for (let i = open + 2; i < text.length; i += 1) {
    if (text[i] === '\n') return -1;
    if (text[i] !== mark || /\s/.test(text[i - 1] ?? ' ')) continue;
    if (WORD.test(text[i + 1] ?? ' ')) continue;
    if (links.some((link) => i > link.start && i < link.end)) continue;
    return i;
  }
  return -1;
}

/** Reads WhatsApp's marks in a run of text: *bold*, _italic_, ~strike~, `code`, and addresses. */
export function parseInline(text: string, open: readonly Mark[] = []): Inline[] {
  const out: Inline[] = [];
  const links = findLinks(text);
  let plain = '';
  const flush = () => {
    if (plain !== '') out.push({ kind: 'text', text: plain });
    plain = '';
  };
  // A mark without a closing one has none for any later opening on the line either.
  const dead = new Set<string>();
  let i = 0;
  while (i < text.length) {
    const link = links.find((each) => each.start === i);
    if (link) {
      flush();
      out.push({ kind: 'link', text: text.slice(link.start, link.end), href: link.href });
      i = link.end;
      continue;
    }
    const char = text[i] ?? '';
    if (char === '\n') dead.clear();
    if (char === '`' && !dead.has('`')) {
      const end = text.indexOf('`', i + 1);
      const inside = end > i + 1 ? text.slice(i + 1, end) : '';
      if (inside.trim() !== '' && !inside.includes('\n')) {
        flush();
        out.push({ kind: 'code', text: inside });
        i = end + 1;
        continue;
      }
      if (end === -1) dead.add('`');
    }
    if (isMark(char) && !open.includes(char) && !dead.has(char)) {
      const next = text[i + 1] ?? ' ';
      const hugs = !/\s/.test(next) && next !== char && !WORD.test(text[i - 1] ?? ' ');
      if (hugs) {
        const end = closing(text, char, i, links);
        if (end !== -1) {
          flush();
          out.push({ kind: MARKS[char], children: parseInline(text.slice(i + 1, end), [...open, char]) });
          i = end + 1;
          continue;
        }
        dead.add(char);
      }
    }
    plain += char;
    i += 1;
  }
  flush();
  return out;
}

const QUOTE = /^>\s?(.*)$/;
const BULLET = /^\s{0,3}[-*•]\s+(.+)$/;
const NUMBERED = /^\s{0,3}(\d{1,3})[.)]\s+(.+)$/;

function parseLines(text: string): Block[] {
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  const flush = () => {
    const joined = paragraph.join('\n');
    if (joined.trim() !== '') blocks.push({ kind: 'paragraph', children: parseInline(joined.replace(/^\n+|\n+$/g, '')) });
    paragraph = [];
  };
  for (const line of text.split('\n')) {
    const quote = QUOTE.exec(line);
    const bullet = BULLET.exec(line);
    const numbered = NUMBERED.exec(line);
    const last = blocks.at(-1);
    if (quote) {
      flush();
      blocks.push({ kind: 'quote', children: parseInline(quote[1] ?? '') });
    } else if (bullet) {
      const open = paragraph.length === 0 && last?.kind === 'list' && !last.ordered ? last : undefined;
      flush();
      if (open) open.items.push(parseInline(bullet[1] ?? ''));
      else blocks.push({ kind: 'list', ordered: false, start: 1, items: [parseInline(bullet[1] ?? '')] });
    } else if (numbered) {
      const open = paragraph.length === 0 && last?.kind === 'list' && last.ordered ? last : undefined;
      flush();
      if (open) open.items.push(parseInline(numbered[2] ?? ''));
      else blocks.push({ kind: 'list', ordered: true, start: Number(numbered[1]), items: [parseInline(numbered[2] ?? '')] });
    } else {
      paragraph.push(line);
    }
  }
  flush();
  return blocks;
}

/** Reads a whole message as WhatsApp's app would show it. */
export function parseMessage(text: string): Block[] {
  const blocks: Block[] = [];
  let rest = 0;
  for (const match of text.matchAll(/```([\s\S]+?)```/g)) {
    blocks.push(...parseLines(text.slice(rest, match.index)));
    blocks.push({ kind: 'code', text: (match[1] ?? '').replace(/^\n|\n$/g, '') });
    rest = match.index + match[0].length;
  }
  blocks.push(...parseLines(text.slice(rest)));
  return blocks;
}

/** The message without its marks, for announcements and one-line previews. */
export function plainText(text: string): string {
  const inline = (parts: Inline[]): string =>
    parts.map((part) => ('children' in part ? inline(part.children) : part.text)).join('');
  return parseMessage(text)
    .map((block) => (block.kind === 'code' ? block.text : block.kind === 'list' ? block.items.map(inline).join(' ') : inline(block.children)))
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
}
