import { useQuery } from '@tanstack/react-query';
import { Braces, Lock, MessageSquareText, UserRound, UsersRound } from 'lucide-react';
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usePreferences } from '@/app/preferences';
import { accountQuery } from '@/api/queries/account';
import { cannedQuery, queueNamesQuery, renderedQuery, usersQuery } from '@/api/queries/writing';
import type { CannedResponse, Conversation } from '@/api/types';
import { MessageText } from '@/components/message-text';
import { emojiQuery, findEmoji } from '../emoji/emoji';
import { useListbox } from './listbox';
import { folded } from '@/components/template-parts';
import { triggerAt, VARIABLES, type Trigger } from './triggers';

const MOST = 8;

/** One thing that can be put into the text. */
export interface Suggestion {
  key: string;
  icon: ReactNode;
  words: string;
  hint?: string;
  /** The response behind it, to be seen before it is taken. */
  canned?: CannedResponse;
  /** What takes the place of what was typed. */
  insert: string;
  /** Who is called by it. */
  mention?: { kind: 'user' | 'queue'; id: number; name: string };
}

/** The choices for what stands before the cursor. */
function useChoices(trigger: Trigger | undefined, note: boolean): Suggestion[] {
  const { t } = useTranslation();
  const canned = useQuery({ ...cannedQuery, enabled: trigger?.kind === 'canned' });
  const account = useQuery({ ...accountQuery, enabled: trigger?.kind === 'variable' });
  const users = useQuery({ ...usersQuery, enabled: trigger?.kind === 'mention' });
  const queues = useQuery({ ...queueNamesQuery, enabled: trigger?.kind === 'mention' });
  const { language } = usePreferences();
  const emoji = useQuery({ ...emojiQuery(language), enabled: trigger?.kind === 'emoji' });
  if (!trigger) return [];
  const typed = folded(trigger.typed);
  switch (trigger.kind) {
    case 'canned': {
      const internal: Suggestion[] =
        !note && trigger.start === 0 && 'interna'.startsWith(trigger.typed)
          ? [{ key: 'interna', icon: <Lock aria-hidden="true" className="size-4 text-bad" />, words: '/interna', hint: t('composer.internal'), insert: '/interna ' }]
          : [];
      const found = (canned.data ?? []).filter(({ code, text }) => folded(code).includes(typed) || folded(text).includes(typed));
      // What begins with the code comes before what only has it somewhere.
      found.sort((a, b) => Number(folded(b.code).startsWith(typed)) - Number(folded(a.code).startsWith(typed)));
      return [
        ...internal,
        ...found.map((each) => ({
          key: `canned-${each.id}`,
          icon: <MessageSquareText aria-hidden="true" className="size-4 text-accent" />,
          words: `/${each.code}`,
          hint: each.text,
          canned: each,
          insert: each.text,
        })),
      ].slice(0, MOST);
    }
    case 'variable': {
      const own = (account.data?.custom_fields ?? []).filter((each) => each.entity === 'contact').map(({ key, name }) => ({ name: key, words: name }));
      const system = VARIABLES.map((name) => ({ name, words: t(`composer.variable.${name}`) }));
      return [...system, ...own]
        .filter((each) => folded(each.name).includes(typed) || folded(each.words).includes(typed))
        .slice(0, MOST)
        .map(({ name, words }) => ({
          key: name,
          icon: <Braces aria-hidden="true" className="size-4 text-accent" />,
          words: `{${name}}`,
          hint: words,
          insert: `{${name}}`,
        }));
    }
    case 'emoji':
      return findEmoji(emoji.data ?? [], trigger.typed, MOST).map((each) => ({
        key: each.emoji,
        icon: <span className="text-lg">{each.emoji}</span>,
        words: each.label,
        insert: `${each.emoji} `,
      }));
    case 'mention': {
      const people = (users.data ?? [])
        .filter((each) => each.disabled_at === undefined)
        .map(({ id, name }): Suggestion => ({ key: `u${id}`, icon: <UserRound aria-hidden="true" className="size-4" />, words: name, insert: `@${name} `, mention: { kind: 'user', id, name } }));
      const groups = (queues.data ?? []).map(
        ({ id, name }): Suggestion => ({
          key: `q${id}`,
          icon: <UsersRound aria-hidden="true" className="size-4" />,
          words: name,
          hint: t('composer.queue'),
          insert: `@${name} `,
          mention: { kind: 'queue', id, name },
        }),
      );
      return [...people, ...groups].filter((each) => folded(each.words).includes(typed)).slice(0, MOST);
    }
  }
}

/** What completes a text while it is written: responses by "/", variables by "{", and people by "@" in notes (rules 112, 116, 198). */
export function useSuggestions({
  conversation,
  text,
  caret,
  note,
  onPick,
}: {
  conversation: Conversation;
  text: string;
  caret: number;
  note: boolean;
  onPick: (suggestion: Suggestion, trigger: Trigger) => void;
}): { onKey: (event: KeyboardEvent) => boolean; field: { 'aria-controls'?: string; 'aria-activedescendant'?: string }; list: ReactNode } {
  const { t } = useTranslation();
  const [dismissed, setDismissed] = useState('');
  const found = triggerAt(text, caret, note);
  const trigger = found && `${found.kind}${found.start}` !== dismissed ? found : undefined;
  if (!found && dismissed !== '') setDismissed('');
  const choices = useChoices(trigger, note);
  const pick = (index: number) => {
    const choice = choices[index];
    if (choice && trigger) onPick(choice, trigger);
  };
  const box = useListbox(choices.length, pick, { tab: true });
  const active = choices[box.active];
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && choices.length > 0 && found) {
      setDismissed(`${found.kind}${found.start}`);
      event.preventDefault();
      event.stopPropagation();
      return true;
    }
    return box.onKey(event);
  };
  const list = choices.length > 0 && trigger && (
    <div className="absolute inset-x-0 bottom-full z-20 mb-1 flex max-h-[40dvh] overflow-hidden rounded-xl border border-line bg-raised shadow-card">
      <ul id={box.id} role="listbox" aria-label={t(`composer.suggest.${trigger.kind}`)} className="min-w-0 flex-1 overflow-y-auto p-1">
        {choices.map((choice, index) => (
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are the text field's
          <li
            key={choice.key}
            id={box.optionId(index)}
            role="option"
            aria-selected={index === box.active}
            // The field keeps the focus.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => pick(index)}
            onMouseMove={() => box.setActive(index)}
            className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-lg px-2.5 py-1 text-sm aria-selected:bg-accent-soft"
          >
            {choice.icon}
            <span className="shrink-0 font-medium">{choice.words}</span>
            {choice.hint !== undefined && <span className="min-w-0 truncate text-xs text-muted">{choice.hint}</span>}
          </li>
        ))}
      </ul>
      {active?.canned && <CannedPreview conversation={conversation} canned={active.canned} />}
    </div>
  );
  return { onKey, field: box.field, list };
}

/** A canned response as the contact will read it. */
function CannedPreview({ conversation, canned }: { conversation: Conversation; canned: CannedResponse }) {
  const { t } = useTranslation();
  const rendered = useQuery({ ...renderedQuery(conversation.id, canned.text), enabled: canned.text !== '' });
  return (
    <div className="hidden w-2/5 shrink-0 overflow-y-auto border-l border-line bg-sunken p-3 text-sm sm:block">
      <p className="mb-1 text-xs font-medium text-muted">{t('composer.template.preview')}</p>
      {canned.text !== '' && <MessageText text={rendered.data?.text ?? canned.text} />}
      {canned.files.length > 0 && <p className="mt-1 text-xs text-muted">{t('composer.cannedFiles', { count: canned.files.length })}</p>}
      {rendered.data && rendered.data.missing.length > 0 && <p className="mt-1 text-xs text-warn">{t('composer.missing', { names: rendered.data.missing.join(', ') })}</p>}
    </div>
  );
}
