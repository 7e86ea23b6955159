import { Handle, Position, type NodeProps, type Node } from '@xyflow/react';
import { FileText, Image as ImageIcon, MapPin, Mic, ShoppingBag, Play, Pin, StickyNote, TriangleAlert, UserRound, Zap, CircleAlert } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { MessageText } from '@/components/message-text';
import { outputName } from '@/i18n/output-name';
import { kindLook } from '../kinds';
import { isObject, type DocNode, type DocTrigger, type Json } from './document/document';
import type { Note } from './document/edit';
import { waysOf, type Way } from './document/outputs';
import { ENTRY, NODE_WIDTH } from './document/places';
import { useDesk } from './desk';
import { valueWords } from './panel/values';
import { summaryOf, titleOf, triggerWords } from './summary';
import { useLanguage, useSay } from './words';

/** A node of the flow on the canvas. */
export type FlowFace = Node<{ node: DocNode; start: boolean }, 'flow'>;
/** The ways into the flow, on the canvas. */
export type EntryFace = Node<{ triggers: readonly DocTrigger[]; started: boolean }, 'entry'>;
/** A note on the canvas. */
export type NoteFace = Node<{ note: Note }, 'note'>;
/** Anything on the canvas. */
export type Face = FlowFace | EntryFace | NoteFace;

const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** The most of a message that a face shows: the panel shows all of it. */
const LONGEST = 220;
const shortened = (words: string) => (words.length > LONGEST ? `${words.slice(0, LONGEST).trimEnd()}…` : words);

function Bubble({ header, words, footer, children }: { header?: string; words: string; footer?: string; children?: ReactNode }) {
  return (
    <div className="rounded-xl rounded-tl-sm bg-bubble-out px-2.5 py-1.5 text-[0.8125rem] leading-snug shadow-bubble">
      {header && <p className="font-semibold">{header}</p>}
      {children}
      {words !== '' && <MessageText text={shortened(words)} />}
      {footer && <p className="mt-0.5 text-xs text-muted">{footer}</p>}
    </div>
  );
}

const MEDIA = { image: ImageIcon, video: Play, audio: Mic, voice: Mic, document: FileText, sticker: StickyNote } as const;

function Item({ item }: { item: Json }) {
  const say = useSay();
  const language = useLanguage();
  const kind = text(item.kind);
  if (Object.hasOwn(MEDIA, kind)) {
    return (
      <Bubble words={text(item.text)}>
        <FilePart kind={kind} source={item.media} />
      </Bubble>
    );
  }
  if (kind === 'location' || kind === 'contact') {
    const Icon = kind === 'location' ? MapPin : UserRound;
    const place = isObject(item.location) ? item.location : {};
    const name = kind === 'location' ? text(place.name) : list(item.contacts).map((card) => text(card.name)).join(', ');
    return (
      <Bubble words="">
        <span className="flex items-center gap-2 text-muted">
          <Icon aria-hidden="true" className="size-4" /> {name || valueWords(language, 'kind', kind)}
        </span>
      </Bubble>
    );
  }
  if (kind === 'carousel') {
    const cards = list(item.cards);
    return (
      <div className="space-y-1">
        <Bubble words={text(item.text) || say('face.noText')} />
        <ol className="flex gap-1.5 overflow-hidden">
          {cards.slice(0, 3).map((card, place) => (
            <li key={place} className="w-20 shrink-0 rounded-lg bg-bubble-out p-1.5 text-xs shadow-bubble">
              <FilePart kind={text(card.kind) || 'image'} source={card.media} />
              <span className="line-clamp-2">{text(card.text)}</span>
              <span className="block truncate font-medium text-accent-strong">↗ {text(card.button)}</span>
            </li>
          ))}
        </ol>
        {cards.length > 3 && <p className="text-xs text-muted">{say('face.moreItems', { count: cards.length - 3 })}</p>}
      </div>
    );
  }
  if (kind === 'product' || kind === 'product_list' || kind === 'catalog') {
    return (
      <Bubble header={text(item.header)} words={text(item.text)} footer={text(item.footer)}>
        <span className="flex items-center gap-2 text-muted">
          <ShoppingBag aria-hidden="true" className="size-4 shrink-0" />
          <span className="truncate">{productsOf(item) || valueWords(language, 'kind', kind)}</span>
        </span>
      </Bubble>
    );
  }
  return (
    <Bubble header={isObject(item.header_media) ? '' : text(item.header)} words={text(item.text) || say('face.noText')} footer={text(item.footer)}>
      {isObject(item.header_media) && <FilePart kind={text(item.header_media.kind)} source={item.header_media.media} />}
      {kind === 'cta_url' && <span className="block text-xs font-medium text-accent-strong">↗ {text(item.button) || text(item.url)}</span>}
    </Bubble>
  );
}

/** The items that a message of the catalogue shows, by their ids. */
function productsOf(item: Json): string {
  if (isObject(item.product)) return text(item.product.product_id);
  const sections = isObject(item.products) ? list(item.products.sections) : [];
  return sections.flatMap(({ product_ids: ids }) => (Array.isArray(ids) ? ids.map(text) : [])).join(', ') || text(item.thumbnail);
}

/** A file as a face shows it: its picture's place and its name. */
function FilePart({ kind, source: given }: { kind: string; source: unknown }) {
  const language = useLanguage();
  const Icon = MEDIA[kind as keyof typeof MEDIA] ?? FileText;
  const source = isObject(given) ? given : {};
  const name = text(source.filename) || text(source.url).split('/').at(-1) || (text(source.variable) && `{${text(source.variable)}}`);
  return (
    <span className="my-0.5 flex h-12 items-center justify-center gap-2 rounded-lg bg-ink/8 px-2 text-xs text-muted">
      <Icon aria-hidden="true" className="size-4 shrink-0" />
      <span className="truncate">{name || valueWords(language, 'kind', kind)}</span>
    </span>
  );
}

function Body({ node }: { node: DocNode }) {
  const say = useSay();
  const language = useLanguage();
  const desk = useDesk();
  const s = node.settings ?? {};
  if (node.kind === 'content') {
    const items = list(s.items);
    return (
      <div className="space-y-1">
        {items.length === 0 && <p className="text-xs text-faint">{say('face.noItems')}</p>}
        {items.slice(0, 4).map((item, place) => (
          <Item key={place} item={item} />
        ))}
        {items.length > 4 && <p className="text-xs text-muted">{say('face.moreItems', { count: items.length - 4 })}</p>}
      </div>
    );
  }
  if (node.kind === 'menu' || node.kind === 'question') {
    return (
      <>
        <Bubble header={isObject(s.header_media) ? '' : text(s.header)} words={text(s.text) || say('face.noText')} footer={text(s.footer)}>
          {isObject(s.header_media) && <FilePart kind={text(s.header_media.kind)} source={s.header_media.media} />}
        </Bubble>
        {node.kind === 'question' && text(s.type) !== '' && text(s.type) !== 'text' && (
          <p className="mt-1 text-xs text-muted">{say('face.expects', { what: valueWords(language, 'type', text(s.type)) })}</p>
        )}
      </>
    );
  }
  const lines = summaryOf(node, language, say, desk.names);
  return (
    <ul className="space-y-0.5 text-[0.8125rem] text-muted">
      {lines.slice(0, 4).map((line, place) => (
        <li key={place} className="line-clamp-2 [overflow-wrap:anywhere]">
          {line}
        </li>
      ))}
    </ul>
  );
}

/** Outputs that a designer may leave alone: they have a way of their own, or the flow's default. */
const ASIDE = new Set(['invalid', 'timeout', 'window_closed', 'failed', 'other', 'missing', 'paused', 'rejected', 'client_error', 'server_error', 'cancelled', 'holiday']);

function OutputRow({ node, way, choice }: { node: DocNode; way: Way; choice: boolean }) {
  const { t } = useTranslation();
  const say = useSay();
  const desk = useDesk();
  const name = way.label === undefined || way.label.trim() === '' ? outputName(t, way.name) : way.label;
  const open = way.target === undefined;
  const needed = open && !way.quiet && !ASIDE.has(way.name);
  return (
    <li className={`relative flex h-[30px] items-center px-3 ${choice ? 'justify-center text-[0.8125rem] font-medium text-accent-strong' : 'justify-end text-xs text-muted'}`}>
      {way.stray && <CircleAlert aria-hidden="true" className="mr-1 size-3.5 shrink-0 text-bad" />}
      <span className="truncate">{name}</span>
      <Handle
        id={way.name}
        type="source"
        position={Position.Right}
        title={open ? say('face.pull', { output: name }) : say('face.repull', { output: name })}
        onClick={(event) => {
          event.stopPropagation();
          if (open) desk.openPalette({ node: node.id, output: way.name });
        }}
        className={`!size-3.5 !rounded-full !border-2 transition-transform after:absolute after:-inset-2 after:content-[''] hover:!scale-125 ${
          open ? `!bg-raised ${needed ? '!border-warn' : '!border-line-strong'}` : '!border-raised !bg-accent'
        }`}
      />
    </li>
  );
}

/** A node as it is drawn: the message as WhatsApp shows it, and a handle for each way out. */
export const NodeFaceView = memo(function NodeFaceView({ data: { node, start }, selected }: NodeProps<FlowFace>) {
  const { t } = useTranslation();
  const say = useSay();
  const desk = useDesk();
  const { name, icon: Icon, color } = kindLook(t, node.kind);
  const problems = desk.problemsOf(node.id);
  const worst = problems.some(({ severity }) => severity === 'error') ? 'error' : problems.some(({ severity }) => severity === 'warning') ? 'warning' : undefined;
  const ways = waysOf(node).filter((way) => !way.quiet || way.target !== undefined || selected);
  const choices = ways.filter((way) => way.label !== undefined);
  const others = ways.filter((way) => way.label === undefined);
  return (
    <div
      style={{ width: NODE_WIDTH }}
      data-lit={desk.lit === node.id ? '' : undefined}
      className={`rounded-2xl border bg-surface text-left shadow-bubble transition-shadow ${
        selected ? 'border-accent ring-2 ring-accent/50' : desk.lit === node.id ? 'border-good ring-4 ring-good/50' : worst === 'error' ? 'border-bad' : 'border-line'
      }`}
    >
      <Handle type="target" position={Position.Left} className="!top-7 !size-3 !rounded-full !border-2 !border-raised !bg-line-strong" />
      <div className="flex items-center gap-2 px-3 pt-2.5">
        <span className={`flex size-7 shrink-0 items-center justify-center rounded-lg ${color}`}>
          <Icon aria-hidden="true" className="size-4" />
        </span>
        <span className="min-w-0 flex-1">
          <span className="block truncate text-sm leading-tight font-semibold">{titleOf(node, name)}</span>
          <span className="block truncate text-xs text-faint">{start ? `${name} · ${t('flows.start')}` : name}</span>
        </span>
        {desk.pinned?.has(node.id) && <Pin role="img" aria-label={say('face.pinned')} className="size-4 shrink-0 text-warn" />}
        {worst && (
          <TriangleAlert
            role="img"
            aria-label={say(worst === 'error' ? 'face.hasErrors' : 'face.hasWarnings', { count: problems.length })}
            className={`size-4 shrink-0 ${worst === 'error' ? 'text-bad' : 'text-warn'}`}
          />
        )}
      </div>
      <div className="px-3 pt-2 pb-2.5">
        <Body node={node} />
      </div>
      {choices.length > 0 && (
        <ul className="divide-y divide-line border-t border-line">
          {choices.map((way) => (
            <OutputRow key={way.name} node={node} way={way} choice />
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <ul className="border-t border-line py-0.5">
          {others.map((way) => (
            <OutputRow key={way.name} node={node} way={way} choice={false} />
          ))}
        </ul>
      )}
    </div>
  );
});

/** What starts the flow, and the way to its first node. */
export const EntryFaceView = memo(function EntryFaceView({ data: { triggers, started }, selected }: NodeProps<EntryFace>) {
  const say = useSay();
  const desk = useDesk();
  return (
    <div style={{ width: NODE_WIDTH }} className={`rounded-2xl border-2 bg-accent-soft p-3 shadow-bubble ${selected ? 'border-accent' : 'border-accent/40'}`}>
      <p className="flex items-center gap-2 text-sm font-semibold text-accent-strong">
        <Zap aria-hidden="true" className="size-4" />
        {say('entry.title')}
      </p>
      <ul className="mt-1 space-y-0.5 text-[0.8125rem] text-ink">
        {triggers.map((trigger) => (
          <li key={trigger.id} className="line-clamp-2">
            {triggerWords(say, trigger)}
          </li>
        ))}
        {triggers.length === 0 && <li className="text-muted">{say('entry.none')}</li>}
      </ul>
      <Handle
        id={ENTRY}
        type="source"
        position={Position.Right}
        title={say('entry.pull')}
        onClick={(event) => {
          event.stopPropagation();
          if (!started) desk.openPalette(undefined);
        }}
        className={`!size-3.5 !rounded-full !border-2 ${started ? '!border-raised !bg-accent' : '!border-warn !bg-raised'}`}
      />
    </div>
  );
});

/** Words for other designers. */
export const NoteFaceView = memo(function NoteFaceView({ data: { note }, selected }: NodeProps<NoteFace>) {
  const say = useSay();
  return (
    <div style={{ width: note.width, minHeight: note.height }} className={`rounded-xl border bg-bubble-phone p-3 text-sm shadow-bubble ${selected ? 'border-accent ring-2 ring-accent/50' : 'border-line'}`}>
      {note.text === '' ? <span className="text-muted">{say('notes.empty')}</span> : <MessageText text={note.text} />}
    </div>
  );
});

/** The views of what is on the canvas, by type. */
export const FACES = { flow: NodeFaceView, entry: EntryFaceView, note: NoteFaceView };

