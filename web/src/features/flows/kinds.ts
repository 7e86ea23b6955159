import {
  Bell,
  Braces,
  CalendarClock,
  CircleStop,
  Clock,
  CornerDownRight,
  FileText,
  GitFork,
  Globe,
  ListChecks,
  MessageSquareText,
  MessageCircleQuestion,
  Repeat,
  Shuffle,
  Split,
  Webhook,
  Workflow,
  type LucideIcon,
} from 'lucide-react';
import type { TFunction } from 'i18next';
import type { flowTexts } from '@/i18n/pt-br.flows';

type Known = keyof typeof flowTexts.flows.kinds;

const ICONS: Record<Known, LucideIcon> = {
  content: MessageSquareText,
  question: MessageCircleQuestion,
  menu: ListChecks,
  template: FileText,
  condition: GitFork,
  switch: Split,
  hours: CalendarClock,
  wait: Clock,
  set_variable: Braces,
  split: Shuffle,
  loop: Repeat,
  jump: CornerDownRight,
  subflow: Workflow,
  end: CircleStop,
  action: Bell,
  http: Globe,
  webhook: Webhook,
};

/** The families of kinds, as the palette groups them; each has a colour. */
const FAMILIES: Record<Known, 'message' | 'ask' | 'logic' | 'service' | 'data'> = {
  content: 'message',
  template: 'message',
  question: 'ask',
  menu: 'ask',
  condition: 'logic',
  switch: 'logic',
  hours: 'logic',
  wait: 'logic',
  set_variable: 'logic',
  split: 'logic',
  loop: 'logic',
  jump: 'logic',
  subflow: 'logic',
  end: 'logic',
  action: 'service',
  http: 'data',
  webhook: 'data',
};

const COLORS = {
  message: 'bg-accent-soft text-accent-strong',
  ask: 'bg-info-soft text-info',
  logic: 'bg-sunken text-muted',
  service: 'bg-good-soft text-good',
  data: 'bg-warn-soft text-warn',
} as const;

function isKnown(kind: string): kind is Known {
  return Object.hasOwn(ICONS, kind);
}

/** What a kind is called, its picture and its family's colour. A kind of a newer server shows its own word. */
export function kindLook(t: TFunction, kind: string): { name: string; icon: LucideIcon; color: string } {
  if (!isKnown(kind)) return { name: kind, icon: Workflow, color: COLORS.logic };
  return { name: t(`flows.kinds.${kind}`), icon: ICONS[kind], color: COLORS[FAMILIES[kind]] };
}
