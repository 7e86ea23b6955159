import { useQuery } from '@tanstack/react-query';
import { useId, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { usePreferences } from '@/app/preferences';
import { LoadingRows } from '@/components/view-state';
import { useListbox } from '../composer/listbox';
import { emojiQuery, findEmoji, GROUPS, recentEmoji, usedEmoji, type Emoji } from './emoji';

const COLUMNS = 8;
const MOST = 64;

/** Emoji by group and by words in the reader's language. The cursor stays in the search; arrows walk the grid, Enter takes. */
export default function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const query = useQuery(emojiQuery(language));
  const all = query.data ?? [];
  const [recent] = useState(recentEmoji);
  const [words, setWords] = useState('');
  const [group, setGroup] = useState<number>(0);
  const grid = useRef<HTMLUListElement>(null);
  const hint = useId();
  const sought = words.trim() !== '';
  const latest = sought || group !== 0 ? [] : recent.map((each) => all.find(({ emoji }) => emoji === each)).filter((each): each is Emoji => each !== undefined);
  const shown = sought ? findEmoji(all, words, MOST) : [...latest, ...all.filter((each) => each.group === group)];
  const pick = (index: number) => {
    const chosen = shown[index];
    if (!chosen) return;
    usedEmoji(chosen.emoji);
    onPick(chosen.emoji);
  };
  const box = useListbox(shown.length, pick);
  const active = shown[box.active];

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const { selectionStart, value } = event.currentTarget;
    const steps: Record<string, number> = { ArrowDown: COLUMNS, ArrowUp: -COLUMNS, ArrowRight: selectionStart === value.length ? 1 : 0, ArrowLeft: value === '' ? -1 : 0 };
    const step = steps[event.key] ?? 0;
    if (step === 0 || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) {
      box.onKey(event);
      return;
    }
    event.preventDefault();
    const next = Math.min(shown.length - 1, Math.max(0, box.active + step));
    box.setActive(next);
    document.getElementById(box.optionId(next))?.scrollIntoView({ block: 'nearest' });
  };

  return (
    <div className="flex w-[min(22rem,calc(100vw-1rem))] flex-col gap-2 p-2">
      <input
        type="search"
        role="combobox"
        // eslint-disable-next-line jsx-a11y/no-autofocus -- the popover was opened for it
        autoFocus
        aria-label={t('emoji.search')}
        aria-expanded={shown.length > 0}
        aria-controls={box.id}
        aria-activedescendant={box.field['aria-activedescendant']}
        aria-describedby={hint}
        aria-autocomplete="list"
        placeholder={t('emoji.search')}
        value={words}
        maxLength={40}
        onChange={(event) => {
          setWords(event.target.value);
          box.setActive(0);
        }}
        onKeyDown={onKeyDown}
        className="h-9 rounded-lg border border-line-strong bg-raised px-3 text-sm outline-offset-[-2px] placeholder:text-faint [&::-webkit-search-cancel-button]:hidden"
      />
      <div role="group" aria-label={t('emoji.groups')} className="flex justify-between">
        {GROUPS.map((each) => (
          <button
            key={each.name}
            type="button"
            aria-pressed={!sought && each.group === group}
            aria-label={t(`emoji.group.${each.name}`)}
            title={t(`emoji.group.${each.name}`)}
            onClick={() => {
              setWords('');
              setGroup(each.group);
              box.setActive(0);
              grid.current?.scrollTo({ top: 0 });
            }}
            className="size-8 rounded-lg text-lg outline-offset-[-2px] hover:bg-sunken aria-pressed:bg-accent-soft"
          >
            {each.sign}
          </button>
        ))}
      </div>
      {query.isPending ? (
        <LoadingRows rows={3} />
      ) : shown.length === 0 ? (
        <p role="status" className="h-56 py-6 text-center text-sm text-muted">
          {query.isError ? t('emoji.failed') : t('emoji.none')}
        </p>
      ) : (
        <ul ref={grid} id={box.id} role="listbox" aria-label={t('emoji.title')} className="grid h-56 auto-rows-max grid-cols-8 overflow-y-auto">
          {shown.map((each, index) => (
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the search field has the keys
            <li
              key={`${index < latest.length ? 'recent ' : ''}${each.emoji}`}
              id={box.optionId(index)}
              role="option"
              aria-selected={index === box.active}
              aria-label={each.label}
              onClick={() => pick(index)}
              onMouseMove={() => box.setActive(index)}
              className="flex aspect-square cursor-pointer items-center justify-center rounded-lg text-2xl leading-none aria-selected:bg-accent-soft aria-selected:outline-2 aria-selected:outline-offset-[-2px] aria-selected:outline-accent"
            >
              {each.emoji}
            </li>
          ))}
        </ul>
      )}
      <p id={hint} className="truncate text-xs text-muted">
        {active ? active.label : t('emoji.hint')}
      </p>
    </div>
  );
}
