import { AlignCenterHorizontal, AlignCenterVertical, AlignHorizontalDistributeCenter, AlignStartHorizontal, AlignStartVertical, AlignVerticalDistributeCenter, Copy, Sparkles, Trash2, type LucideIcon } from 'lucide-react';
import { IconButton } from '@/components/button';
import type { Alignment } from './document/places';
import { useSay } from './words';

const ALIGN: readonly { how: Alignment; icon: LucideIcon }[] = [
  { how: 'left', icon: AlignStartVertical },
  { how: 'centre', icon: AlignCenterVertical },
  { how: 'top', icon: AlignStartHorizontal },
  { how: 'middle', icon: AlignCenterHorizontal },
  { how: 'columns', icon: AlignHorizontalDistributeCenter },
  { how: 'rows', icon: AlignVerticalDistributeCenter },
];

/** What can be done with several chosen nodes. */
export function SelectionBar({ count, onAlign, onTidy, onDuplicate, onRemove }: { count: number; onAlign: (how: Alignment) => void; onTidy: () => void; onDuplicate: () => void; onRemove: () => void }) {
  const say = useSay();
  return (
    <div role="toolbar" aria-label={say('selection.label')} className="absolute bottom-4 left-1/2 z-10 flex max-w-[95%] -translate-x-1/2 items-center gap-0.5 overflow-x-auto rounded-xl border border-line bg-raised p-1 shadow-card">
      <span className="px-2 text-sm font-medium whitespace-nowrap tabular">{say('selection.count', { count })}</span>
      {ALIGN.map(({ how, icon: Icon }) => (
        <IconButton key={how} label={say(`selection.${how}`)} onClick={() => onAlign(how)}>
          <Icon aria-hidden="true" className="size-4" />
        </IconButton>
      ))}
      <span aria-hidden="true" className="mx-1 h-5 w-px bg-line" />
      <IconButton label={say('selection.tidy')} onClick={onTidy}>
        <Sparkles aria-hidden="true" className="size-4" />
      </IconButton>
      <IconButton label={say('panel.duplicate')} onClick={onDuplicate}>
        <Copy aria-hidden="true" className="size-4" />
      </IconButton>
      <IconButton label={say('panel.remove')} onClick={onRemove} className="hover:!text-bad">
        <Trash2 aria-hidden="true" className="size-4" />
      </IconButton>
    </div>
  );
}
