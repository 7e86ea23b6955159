import { useId, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '@/components/dialog';
import { kindLook } from '../kinds';
import { useDoc } from './editor';
import { CONTROL } from './panel/setting';
import { folded } from './presets';
import { searchText, titleOf } from './summary';
import { useSay } from './words';

/** Finds a node by its name, its words, a variable or its id, and goes there. */
export function FindDialog({ onGo, onClose }: { onGo: (id: string) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const say = useSay();
  const doc = useDoc();
  const id = useId();
  const [text, setText] = useState('');
  const [place, setPlace] = useState(0);
  const wanted = folded(text.trim());
  const hits = doc.nodes.filter((node) => wanted === '' || folded(`${searchText(node)} ${kindLook(t, node.kind).name}`).includes(wanted)).slice(0, 50);
  const active = hits[Math.min(place, hits.length - 1)];
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && hits.length > 0) {
      event.preventDefault();
      setPlace((place + step + hits.length) % hits.length);
    } else if (event.key === 'Enter' && active) {
      event.preventDefault();
      onGo(active.id);
    }
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={say('find.title')} lead={say('find.lead')}>
      <input
        type="search"
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-hits`}
        aria-label={say('find.title')}
        {...(active && { 'aria-activedescendant': `${id}-${active.id}` })}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setPlace(0);
        }}
        onKeyDown={onKeyDown}
        className={`h-10 ${CONTROL}`}
      />
      <ul id={`${id}-hits`} role="listbox" aria-label={say('find.title')} className="mt-2 max-h-72 overflow-y-auto">
        {hits.map((node) => {
          const { name, icon: Icon, color } = kindLook(t, node.kind);
          return (
            // The field above has the keys; a press goes there too.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <li
              key={node.id}
              id={`${id}-${node.id}`}
              role="option"
              aria-selected={node === active}
              onClick={() => onGo(node.id)}
              className={`flex min-h-10 cursor-pointer items-center gap-2.5 rounded-lg px-2 text-sm hover:bg-sunken ${node === active ? 'bg-accent-soft' : ''}`}
            >
              <span className={`flex size-7 shrink-0 items-center justify-center rounded-lg ${color}`}>
                <Icon aria-hidden="true" className="size-4" />
              </span>
              <span className="min-w-0 flex-1 truncate font-medium">{titleOf(node, name)}</span>
              <span className="text-xs text-faint">{name}</span>
            </li>
          );
        })}
      </ul>
      {hits.length === 0 && <p className="px-2 py-3 text-sm text-muted">{say('find.nothing')}</p>}
    </Dialog>
  );
}
