import {
  Bell,
  Braces,
  CalendarClock,
  CircleCheckBig,
  CircleStop,
  Clock,
  CornerDownRight,
  FileText,
  GitFork,
  Globe,
  ListChecks,
  MessageSquareText,
  MessageCircleQuestion,
  NotebookPen,
  Repeat,
  Shuffle,
  Split,
  Webhook,
  Workflow,
  type LucideIcon,
} from 'lucide-react';
import type { TFunction } from 'i18next';
import { flowKinds, type FlowKindInfo, type FlowNodeKind } from '@/api/flow.gen';

const ICONS: Record<FlowNodeKind, LucideIcon> = {
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
  note: NotebookPen,
  close: CircleCheckBig,
  http: Globe,
  webhook: Webhook,
};

/** The families of kinds, as the palette groups them; each has a colour. */
export const COLORS = {
  message: 'bg-accent-soft text-accent-strong',
  ask: 'bg-info-soft text-info',
  logic: 'bg-sunken text-muted',
  service: 'bg-good-soft text-good',
  data: 'bg-warn-soft text-warn',
} as const satisfies Record<FlowKindInfo['family'], string>;

function isKnown(kind: string): kind is FlowNodeKind {
  return Object.hasOwn(ICONS, kind);
}

/** What a kind is called, its picture and its family's colour. A kind of a newer server shows its own word. */
export function kindLook(t: TFunction, kind: string): { name: string; icon: LucideIcon; color: string } {
  if (!isKnown(kind)) return { name: kind, icon: Workflow, color: COLORS.logic };
  return { name: t(`flows.kinds.${kind}`), icon: ICONS[kind], color: COLORS[flowKinds[kind].family] };
}
