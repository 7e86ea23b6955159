import { useQueries, useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useId, useMemo, useState, type KeyboardEvent } from 'react';
import { capabilitiesQuery } from '@/api/queries/capabilities';
import { connectionsQuery } from '@/api/queries/connections';
import { CARRIED } from './canvas';
import type { Doc } from './document/document';
import { useDoc } from './editor';
import { COLORS } from '../kinds';
import { FAMILIES, found, lacking, type Preset } from './presets';
import { useSay } from './words';

/** The connections that a flow runs on: those that its ways in name, or all of the account. */
function useChannels(doc: Doc) {
  const connections = useQuery(connectionsQuery);
  const named = new Set(
    (doc.triggers ?? []).flatMap(({ settings }) => {
      const listed = settings?.connections;
      return Array.isArray(listed) ? listed.map(String) : [];
    }),
  );
  const used = (connections.data ?? []).filter(({ id }) => named.size === 0 || named.has(String(id)));
  return useQueries({
    queries: used.map(({ id }) => capabilitiesQuery(id)),
    combine: (answers) => used.map(({ name }, place) => ({ name, capabilities: answers[place]?.data })),
  });
}

/** What can be added: found by words of either language, added by Enter, by a press or by dragging. */
export function Palette({ onPick, focused = false, carry = true }: { onPick: (preset: Preset) => void; focused?: boolean; carry?: boolean }) {
  const say = useSay();
  const doc = useDoc();
  const id = useId();
  const channels = useChannels(doc);
  const [text, setText] = useState('');
  const [place, setPlace] = useState(0);
  const shown = useMemo(() => found(text), [text]);
  const groups = useMemo(() => (text.trim() === '' ? FAMILIES.map((family) => ({ family, presets: shown.filter((preset) => preset.family === family) })) : [{ family: undefined, presets: shown }]), [text, shown]);
  const ordered = groups.flatMap(({ presets }) => presets);
  const active = ordered[Math.min(place, ordered.length - 1)];
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      const next = (place + step + ordered.length) % Math.max(1, ordered.length);
      setPlace(next);
      document.getElementById(`${id}-${ordered[next]?.id}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter' && active) {
      event.preventDefault();
      onPick(active);
    }
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="relative p-2">
        <Search aria-hidden="true" className="pointer-events-none absolute top-1/2 left-4.5 size-4 -translate-y-1/2 text-faint" />
        <input
          type="search"
          {...(!carry && { role: 'combobox', 'aria-expanded': true, 'aria-controls': `${id}-list`, ...(active && { 'aria-activedescendant': `${id}-${active.id}` }) })}
          aria-label={say('palette.search')}
          placeholder={say('palette.search')}
          value={text}
          // The field is what the palette was opened for.
          // eslint-disable-next-line jsx-a11y/no-autofocus
          autoFocus={focused}
          onChange={(event) => {
            setText(event.target.value);
            setPlace(0);
          }}
          onKeyDown={onKeyDown}
          className="h-9 w-full rounded-lg border border-line-strong bg-raised pr-2 pl-8 text-sm outline-none placeholder:text-faint focus-visible:border-accent focus-visible:ring-2 focus-visible:ring-accent/40"
        />
      </div>
      <div id={`${id}-list`} role={carry ? 'group' : 'listbox'} aria-label={say('palette.title')} className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
        {ordered.length === 0 && <p className="px-2 py-4 text-sm text-muted">{say('palette.nothing')}</p>}
        {groups.map(({ family, presets }) => (
          <div key={family ?? 'found'} role="group" {...(family ? { 'aria-labelledby': `${id}-${family}` } : { 'aria-label': say('palette.found') })}>
            {family && (
              <p id={`${id}-${family}`} className="px-2 pt-3 pb-1 text-xs font-semibold text-faint">
                {say(`palette.families.${family}`)}
              </p>
            )}
            {presets.map((preset) => {
              const Icon = preset.icon;
              const without = lacking(preset, channels);
              return (
                // A list that stays open must not take the page's keys: beside the canvas these are buttons.
                // eslint-disable-next-line jsx-a11y/no-static-element-interactions
                <div
                  key={preset.id}
                  id={`${id}-${preset.id}`}
                  {...(carry ? { role: 'button', tabIndex: 0 } : { role: 'option', tabIndex: -1, 'aria-selected': preset === active })}
                  onKeyDown={(event) => {
                    if (event.key !== 'Enter' && event.key !== ' ') return;
                    event.preventDefault();
                    onPick(preset);
                  }}
                  draggable={carry}
                  onDragStart={(event) => {
                    event.dataTransfer.setData(CARRIED, preset.id);
                    event.dataTransfer.effectAllowed = 'copy';
                  }}
                  onClick={() => onPick(preset)}
                  title={say(`presets.${preset.id}.help`)}
                  className={`flex min-h-9 cursor-pointer items-center gap-2.5 rounded-lg px-2 py-1 text-sm select-none hover:bg-sunken ${text !== '' && preset === active ? 'bg-accent-soft' : ''}`}
                >
                  <span className={`flex size-7 shrink-0 items-center justify-center rounded-lg ${COLORS[preset.family]} ${without.length > 0 ? 'opacity-50' : ''}`}>
                    <Icon aria-hidden="true" className="size-4" />
                  </span>
                  <span className="min-w-0">
                    <span className={`block truncate ${without.length > 0 ? 'text-muted' : ''}`}>{say(`presets.${preset.id}.name`)}</span>
                    {without.length > 0 && preset.needs && <span className="block text-xs text-pretty text-muted">{say('palette.lacks', { names: without.join(', '), instead: insteadOf(say, preset) })}</span>}
                  </span>
                </div>
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

const MEDIA = new Set(['image', 'document', 'video', 'audio', 'sticker', 'voice']);
const INSTEAD = { buttons: 'buttons', list: 'list', cta_url: 'cta_url', location: 'location', contacts: 'contacts', location_request: 'location_request', carousel: 'carousel', product_list: 'product_list', template: 'template' } as const;

function insteadOf(say: ReturnType<typeof useSay>, { needs }: Preset): string {
  if (needs === undefined) return '';
  if (MEDIA.has(needs)) return say('palette.instead.media');
  const known = Object.keys(INSTEAD).find((each) => each === needs) as keyof typeof INSTEAD | undefined;
  return known ? say(`palette.instead.${INSTEAD[known]}`) : '';
}
