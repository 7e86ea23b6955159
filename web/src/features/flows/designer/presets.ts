import {
  BookUser,
  Braces,
  CalendarClock,
  CalendarDays,
  CircleCheckBig,
  CircleStop,
  Clock,
  CornerDownRight,
  FileText,
  GalleryHorizontal,
  GitFork,
  Globe,
  Hash,
  Headset,
  Image,
  Link2,
  List,
  ListChecks,
  ListTree,
  Mail,
  MapPin,
  MessageCircleQuestion,
  MessageSquareText,
  NotebookPen,
  Paperclip,
  PenLine,
  Phone,
  Repeat,
  ShoppingBag,
  Shuffle,
  Split,
  Star,
  StickyNote,
  Tag,
  ThumbsUp,
  Undo2,
  UserRound,
  Webhook,
  Workflow,
  IdCard,
  Building2,
  MapPinned,
  Camera,
  SquareMousePointer,
  type LucideIcon,
} from 'lucide-react';
import type { FlowKindInfo, FlowNodeKind } from '@/api/flow.gen';
import type { Capabilities } from '@/api/types';
import type { Json } from './document/document';
import type { Seed } from './document/edit';
import { designerEn } from './texts.en';
import { designerPt } from './texts.pt-br';
import type { Say } from './words';

/** What a channel must be able to do for a preset to look as drawn. */
export type Needed = Capabilities['kinds'][number];

/** One thing of the palette: a kind of node with settings to begin with. */
export interface Preset {
  id: PresetId;
  kind: FlowNodeKind;
  family: FlowKindInfo['family'];
  icon: LucideIcon;
  settings?: (say: Say) => Json;
  needs?: Needed;
}

/** The names of the palette's things. */
export type PresetId = keyof typeof designerPt.presets;

const ask = (type?: string, more: Json = {}) => (say: Say) => ({ text: say('seeds.question'), ...(type !== undefined && { type }), ...more });
const item = (kind: string, more: (say: Say) => Json = () => ({})) => (say: Say) => ({ items: [{ kind, ...more(say) }] });
const options = (say: Say) => [
  { id: 'opcao_1', title: say('seeds.option', { number: 1 }) },
  { id: 'opcao_2', title: say('seeds.option', { number: 2 }) },
];
const card = (say: Say): Json => ({ media: {}, text: '', button: say('seeds.linkButton'), url: 'https://' });
const act = (action: Json) => () => ({ actions: [action] });

/** The palette, in its order. */
export const PRESETS: readonly Preset[] = [
  { id: 'text', kind: 'content', family: 'message', icon: MessageSquareText, settings: item('text', (say) => ({ text: say('seeds.text') })) },
  { id: 'image', kind: 'content', family: 'message', icon: Image, settings: item('image', () => ({ media: {} })), needs: 'image' },
  { id: 'file', kind: 'content', family: 'message', icon: Paperclip, settings: item('document', () => ({ media: {} })), needs: 'document' },
  { id: 'buttons', kind: 'content', family: 'message', icon: SquareMousePointer, settings: item('buttons', (say) => ({ text: say('seeds.question'), options: options(say) })), needs: 'buttons' },
  { id: 'list', kind: 'content', family: 'message', icon: List, settings: item('list', (say) => ({ text: say('seeds.question'), button: say('seeds.listButton'), options: options(say) })), needs: 'list' },
  { id: 'link', kind: 'content', family: 'message', icon: Link2, settings: item('cta_url', (say) => ({ text: say('seeds.text'), button: say('seeds.linkButton'), url: 'https://' })), needs: 'cta_url' },
  { id: 'carousel', kind: 'content', family: 'message', icon: GalleryHorizontal, settings: item('carousel', (say) => ({ text: say('seeds.text'), cards: [card(say), card(say)] })), needs: 'carousel' },
  { id: 'products', kind: 'content', family: 'message', icon: ShoppingBag, settings: item('product_list', (say) => ({ header: say('presets.products.name'), text: say('seeds.text'), products: { catalog_id: '', sections: [{ product_ids: [] }] } })), needs: 'product_list' },
  { id: 'place', kind: 'content', family: 'message', icon: MapPin, settings: item('location', () => ({ location: { latitude: '', longitude: '' } })), needs: 'location' },
  { id: 'card', kind: 'content', family: 'message', icon: BookUser, settings: item('contact', () => ({ contacts: [{ name: '', phones: [] }] })), needs: 'contacts' },
  { id: 'template', kind: 'template', family: 'message', icon: FileText, settings: () => ({ name: '', language: 'pt_BR' }), needs: 'template' },

  { id: 'menu', kind: 'menu', family: 'ask', icon: ListChecks, settings: (say) => ({ text: say('seeds.menu'), options: options(say) }) },
  { id: 'queueMenu', kind: 'menu', family: 'ask', icon: ListTree, settings: (say) => ({ text: say('seeds.queueMenu'), source: 'queues' }) },
  { id: 'question', kind: 'question', family: 'ask', icon: MessageCircleQuestion, settings: ask() },
  { id: 'yesNo', kind: 'question', family: 'ask', icon: ThumbsUp, settings: ask('yes_no') },
  { id: 'number', kind: 'question', family: 'ask', icon: Hash, settings: ask('number') },
  { id: 'email', kind: 'question', family: 'ask', icon: Mail, settings: (say) => ({ text: say('seeds.email'), type: 'email', field: 'email' }) },
  { id: 'phone', kind: 'question', family: 'ask', icon: Phone, settings: (say) => ({ text: say('seeds.phone'), type: 'phone' }) },
  { id: 'cpf', kind: 'question', family: 'ask', icon: IdCard, settings: (say) => ({ text: say('seeds.cpf'), type: 'cpf', field: 'cpf' }) },
  { id: 'cnpj', kind: 'question', family: 'ask', icon: Building2, settings: (say) => ({ text: say('seeds.cnpj'), type: 'cnpj', save_to: 'cnpj' }) },
  { id: 'cep', kind: 'question', family: 'ask', icon: MapPinned, settings: (say) => ({ text: say('seeds.cep'), type: 'cep', save_to: 'cep' }) },
  { id: 'date', kind: 'question', family: 'ask', icon: CalendarDays, settings: (say) => ({ text: say('seeds.date'), type: 'date', save_to: 'data' }) },
  { id: 'rating', kind: 'question', family: 'ask', icon: Star, settings: (say) => ({ text: say('seeds.rating'), type: 'rating', save_to: 'nota' }) },
  { id: 'photo', kind: 'question', family: 'ask', icon: Camera, settings: (say) => ({ text: say('seeds.photo'), type: 'file', save_to: 'arquivo' }) },
  { id: 'whereAreYou', kind: 'question', family: 'ask', icon: MapPin, settings: (say) => ({ text: say('seeds.where'), type: 'location', save_to: 'local' }), needs: 'location_request' },

  { id: 'condition', kind: 'condition', family: 'logic', icon: GitFork, settings: () => ({ match: 'all', rules: [{ variable: '', op: 'equal', value: '' }] }) },
  { id: 'switch', kind: 'switch', family: 'logic', icon: Split, settings: (say) => ({ value: '', cases: [{ id: 'caso_1', label: say('seeds.case', { number: 1 }), values: [] }] }) },
  { id: 'hours', kind: 'hours', family: 'logic', icon: CalendarClock, settings: () => ({ of: 'account' }) },
  { id: 'wait', kind: 'wait', family: 'logic', icon: Clock, settings: () => ({ mode: 'duration', duration: '10m' }) },
  { id: 'setVariable', kind: 'set_variable', family: 'logic', icon: Braces, settings: () => ({ assignments: [{ name: '', op: 'value', value: '' }] }) },
  {
    id: 'split',
    kind: 'split',
    family: 'logic',
    icon: Shuffle,
    settings: () => ({
      branches: [
        { id: 'a', label: 'A', weight: 50 },
        { id: 'b', label: 'B', weight: 50 },
      ],
    }),
  },
  { id: 'loop', kind: 'loop', family: 'logic', icon: Repeat, settings: () => ({ list: '', item: 'item' }) },
  { id: 'jump', kind: 'jump', family: 'logic', icon: CornerDownRight, settings: () => ({}) },
  { id: 'subflow', kind: 'subflow', family: 'logic', icon: Workflow, settings: () => ({ flow: '' }) },
  { id: 'end', kind: 'end', family: 'logic', icon: CircleStop },

  { id: 'toQueue', kind: 'action', family: 'service', icon: Headset, settings: act({ do: 'open_ticket', mode: 'queue', queue: '' }) },
  { id: 'toAgent', kind: 'action', family: 'service', icon: UserRound, settings: act({ do: 'open_ticket', mode: 'agent', agent: '' }) },
  { id: 'handOff', kind: 'action', family: 'service', icon: Undo2, settings: act({ do: 'open_ticket', mode: 'queue', queue: '', suspend: true }) },
  { id: 'close', kind: 'close', family: 'service', icon: CircleCheckBig, settings: (say) => ({ text: say('seeds.farewell') }) },
  { id: 'internalNote', kind: 'note', family: 'service', icon: StickyNote, settings: () => ({ text: '' }) },
  { id: 'label', kind: 'action', family: 'service', icon: Tag, settings: act({ do: 'add_label', label: '' }) },
  { id: 'fill', kind: 'action', family: 'service', icon: PenLine, settings: act({ do: 'set_field', field: '', value: '' }) },
  { id: 'note', kind: 'action', family: 'service', icon: NotebookPen, settings: act({ do: 'note', text: '' }) },

  { id: 'http', kind: 'http', family: 'data', icon: Globe, settings: () => ({ method: 'GET', url: 'https://' }) },
  { id: 'webhook', kind: 'webhook', family: 'data', icon: Webhook, settings: () => ({ event: '' }) },
];

/** The preset of a name. */
export function presetOf(id: string): Preset | undefined {
  return PRESETS.find((preset) => preset.id === id);
}

/** What a node begins as when it is taken from the palette. */
export function seedOf(preset: Preset, say: Say): Seed {
  const settings = preset.settings?.(say);
  return { kind: preset.kind, name: say(`presets.${String(preset.id) as PresetId}.name`), ...(settings && { settings }) };
}

/** Words as they are compared: without accents and capitals. */
export function folded(words: string): string {
  return words.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}

const INDEX = new Map(
  PRESETS.map(({ id }) => {
    const both = [designerPt.presets[id], designerEn.presets[id]];
    return [id, { names: both.map(({ name }) => folded(name)), also: folded(both.map(({ also, help }) => `${also} ${help}`).join(' ')) }];
  }),
);

/** What fits a search in either language, the best first: names that begin with it, then names, then other words. */
export function found(text: string): Preset[] {
  const wanted = folded(text.trim());
  if (wanted === '') return [...PRESETS];
  const score = ({ id }: Preset) => {
    const { names, also } = INDEX.get(id)!;
    if (names.some((name) => name.startsWith(wanted))) return 3;
    if (names.some((name) => name.includes(wanted))) return 2;
    return wanted.split(/\s+/).every((word) => also.includes(word) || names.some((name) => name.includes(word))) ? 1 : 0;
  };
  return PRESETS.map((preset) => ({ preset, at: score(preset) }))
    .filter(({ at }) => at > 0)
    .sort((a, b) => b.at - a.at)
    .map(({ preset }) => preset);
}

/** The families, in the palette's order. */
export const FAMILIES = ['message', 'ask', 'logic', 'service', 'data'] as const satisfies readonly FlowKindInfo['family'][];

/** The connections of a flow that cannot do what a preset needs. */
export function lacking(preset: Preset, channels: readonly { name: string; capabilities: Capabilities | undefined }[]): string[] {
  const { needs } = preset;
  if (needs === undefined) return [];
  return channels.filter(({ capabilities }) => capabilities && !capabilities.kinds.includes(needs)).map(({ name }) => name);
}
