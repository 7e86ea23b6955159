import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command as Cmdk } from 'cmdk';
import { ChevronRight, CircleUserRound, Hash, Languages, Moon, Search, Sun, SunMoon, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { Key } from '@/components/keys';
import { phoneNumber } from '@/i18n/format';
import { matching, narrowed, numberOf, usePeople, useTickets } from './command-search';
import { useCommandSets, type Command } from './commands';
import { PAGES, usePages } from './pages';
import { setPreferences, usePreferences, type Preferences } from './preferences';
import { ariaKeys, printed } from './shortcuts';

const ROW =
  'flex min-h-10 cursor-pointer items-center gap-3 rounded-lg px-3 text-sm text-ink data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent-strong';
const HEADINGS =
  '[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-semibold [&_[cmdk-group-heading]]:text-faint';

/** One line of the bar. */
interface Entry {
  id: string;
  words: string;
  /** The words it is found by. */
  found: string;
  icon?: LucideIcon | undefined;
  color?: string | undefined;
  hint?: string | undefined;
  keys?: string | undefined;
  /** It opens a list. */
  more?: boolean;
  onSelect: () => void;
}

/** Lines under a heading, and how well the best of them matches. */
interface Section {
  heading: string;
  best: number;
  entries: readonly Entry[];
}

function Row({ entry: { id, words, icon: Icon, color, hint, keys, more = false, onSelect } }: { entry: Entry }) {
  return (
    <Cmdk.Item value={id} className={ROW} onSelect={onSelect} {...(keys !== undefined && { 'aria-keyshortcuts': ariaKeys(keys) })}>
      {Icon && <Icon aria-hidden="true" className="size-4 shrink-0" />}
      {color !== undefined && <span aria-hidden="true" className="size-2.5 shrink-0 rounded-full" style={{ background: color }} />}
      <span className="min-w-0 flex-1 truncate">{words}</span>
      {hint !== undefined && <span className="truncate text-xs text-muted">{hint}</span>}
      {keys !== undefined && (
        <span aria-hidden="true" className="flex gap-1">
          {printed(keys).map((key) => (
            <Key key={key} name={key} />
          ))}
        </span>
      )}
      {more && <ChevronRight aria-hidden="true" className="size-4 shrink-0 text-faint" />}
    </Cmdk.Item>
  );
}

/**
 * Mod+K: everything that can be done on the screen, every page, conversations and people. A sign at the beginning narrows it:
 * ">" to commands, "#" to conversations, "@" to people. A command with choices opens their list in place.
 */
export default function CommandBar({ at, onClose }: { at: string | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const sets = useCommandSets();
  const [text, setText] = useState('');
  const [level, setLevel] = useState(at);
  const command = sets.flatMap((set) => set.commands).find((each) => each.id === level && each.choices);
  // The bar is gone, and has given the focus back, before anything that takes it is opened.
  const run = (act: () => unknown) => () => {
    flushSync(onClose);
    setTimeout(() => void act());
  };
  const back = () => {
    if (!command || at !== undefined) onClose();
    else {
      setLevel(undefined);
      setText('');
    }
  };
  return (
    <Cmdk.Dialog
      open
      onOpenChange={back}
      label={t('commands.label')}
      shouldFilter={false}
      loop
      overlayClassName="fixed inset-0 z-40 bg-black/40"
      contentClassName="fixed top-[12dvh] left-1/2 z-50 w-[min(40rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-hidden rounded-2xl bg-raised shadow-card outline-none"
    >
      <div className="flex items-center gap-3 border-b border-line px-4">
        <Search aria-hidden="true" className="size-5 shrink-0 text-faint" />
        {command && <span className="shrink-0 rounded-md bg-accent-soft px-2 py-1 text-sm font-medium text-accent-strong">{command.words}</span>}
        <Cmdk.Input
          value={text}
          onValueChange={setText}
          onKeyDown={(event) => {
            if (event.key === 'Backspace' && text === '' && command) back();
          }}
          placeholder={command ? t('commands.choose') : t('commands.placeholder')}
          className="h-13 w-full min-w-0 bg-transparent text-base outline-none placeholder:text-faint"
        />
      </div>
      <Cmdk.List className={`max-h-[50dvh] overflow-y-auto p-2 ${HEADINGS}`}>
        {command ? (
          <Choices command={command} typed={text.trim()} run={run} />
        ) : (
          <Everything
            typed={text}
            run={run}
            onOpen={(each) => {
              setText('');
              setLevel(each.id);
            }}
          />
        )}
      </Cmdk.List>
      <p className="border-t border-line px-4 py-2 text-xs text-faint">{command ? t('commands.hintLevel') : t('commands.hint')}</p>
    </Cmdk.Dialog>
  );
}

type Run = (act: () => unknown) => () => void;

function Choices({ command, typed, run }: { command: Command; typed: string; run: Run }) {
  const { t } = useTranslation();
  const choices = useQuery({ queryKey: ['command-bar', 'choices', command.id], queryFn: () => command.choices?.() ?? [], gcTime: 0 });
  if (choices.isError) return <p className="px-3 py-2 text-sm text-bad">{t('commands.choicesFailed')}</p>;
  if (choices.isPending) return <p className="px-3 py-2 text-sm text-muted">{t('app.loading')}</p>;
  const { entries } = matching(
    choices.data.map(({ id, words, hint, color, run: act }): Entry => ({ id, words, found: words, hint, color, onSelect: run(act) })),
    typed,
  );
  if (entries.length === 0) return <p className="px-3 py-2 text-sm text-muted">{t('kit.noMatch')}</p>;
  return entries.map((entry) => <Row key={entry.id} entry={entry} />);
}

function Everything({ typed, run, onOpen }: { typed: string; run: Run; onOpen: (command: Command) => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const sets = useCommandSets();
  const pages = usePages();
  const look = useLook(run);
  const { to, text } = narrowed(typed);
  const tickets = useTickets(to, text);
  const people = usePeople(to, text);
  const number = to === 'all' || to === 'tickets' ? /^\d{1,12}$/.exec(text)?.[0] : undefined;
  const go = (place: number | string) => navigate({ to: '/conversas/$number', params: { number: String(place) } });
  const section = (heading: string, entries: readonly Entry[]): Section => ({ heading, ...matching(entries, text) });
  // What was looked up matches, in whatever way the server finds things.
  const found = (heading: string, best: number, entries: readonly Entry[]): Section => ({ heading, best, entries });

  const sections: Section[] = [
    found(t('commands.conversation'), 1.5, [
      ...(number === undefined ? [] : [{ id: `number ${number}`, words: t('commands.openNumber', { number }), found: number, icon: Hash, onSelect: run(() => go(number)) }]),
    ]),
    ...(to === 'all' || to === 'commands'
      ? [
          ...sets.map((set) =>
            section(
              set.heading,
              set.commands.map((each) => ({
                id: each.id,
                words: each.words,
                found: `${each.words} ${each.also ?? ''}`,
                icon: each.icon,
                hint: each.hint,
                keys: each.keys,
                more: each.choices !== undefined,
                onSelect: each.choices ? () => onOpen(each) : run(() => each.run?.()),
              })),
            ),
          ),
          section(
            t('commands.go'),
            pages.map((page) => ({ id: `page ${page}`, words: t(`nav.${page}`), found: t(`nav.${page}`), icon: PAGES[page].icon, keys: `g ${PAGES[page].key}`, onSelect: run(() => navigate({ to: PAGES[page].to })) })),
          ),
          section(t('commands.look'), look),
        ]
      : []),
    found(
      t('commands.conversation'),
      0.5,
      tickets.map((each) => ({
        id: `conversation ${each.id}`,
        words: each.contact.name || (each.contact.phone ? phoneNumber(each.contact.phone) : t('inbox.unknownContact')),
        found: text,
        icon: Hash,
        hint: each.ticket?.protocol ?? t('contact.number', { number: each.number }),
        onSelect: run(() => go(each.number)),
      })),
    ),
    found(
      t('commands.people'),
      0.5,
      people.map((each) => ({
        id: `person ${each.id}`,
        words: each.name || (each.phone === undefined ? t('inbox.unknownContact') : phoneNumber(each.phone)),
        found: text,
        icon: CircleUserRound,
        hint: each.phone === undefined ? each.email : phoneNumber(each.phone),
        onSelect: run(async () => {
          const place = await numberOf(each.id);
          await (place === undefined ? navigate({ to: '/conversas', search: { busca: each.name } }) : go(place));
        }),
      })),
    ),
  ];
  const shown = sections.filter(({ entries }) => entries.length > 0);
  if (text !== '') shown.sort((a, b) => b.best - a.best);
  // Last: a page or a command that matches is what Enter means, the search is for everything else.
  if (text !== '' && to !== 'commands') {
    shown.push(found(t('commands.elsewhere'), 0, [{ id: `search ${text}`, words: t('commands.searchFor', { text }), found: text, icon: Search, onSelect: run(() => navigate({ to: '/conversas', search: { busca: text } })) }]));
  }
  if (shown.length === 0 && text !== '') return <p className="px-3 py-2 text-sm text-muted">{t('kit.noMatch')}</p>;
  return shown.map(({ heading, entries }, place) => (
    <Cmdk.Group key={`${place} ${heading}`} heading={heading}>
      {entries.map((entry) => (
        <Row key={entry.id} entry={entry} />
      ))}
    </Cmdk.Group>
  ));
}

/** How the console looks, as commands. */
function useLook(run: Run): Entry[] {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const themes: { theme: Preferences['theme']; icon: LucideIcon; words: string }[] = [
    { theme: 'light', icon: Sun, words: t('settings.themeLight') },
    { theme: 'dark', icon: Moon, words: t('settings.themeDark') },
    { theme: 'system', icon: SunMoon, words: t('settings.themeSystem') },
  ];
  return [
    ...themes.map(({ theme, icon, words }): Entry => {
      const said = t('commands.themeTo', { theme: words.toLocaleLowerCase(language) });
      return { id: `theme ${theme}`, words: said, found: said, icon, onSelect: run(() => setPreferences({ theme })) };
    }),
    {
      id: 'language',
      words: language === 'en' ? t('commands.languageTo') : t('commands.languageToEn'),
      found: `${t('commands.languageTo')} ${t('commands.languageToEn')}`,
      icon: Languages,
      onSelect: run(() => setPreferences({ language: language === 'en' ? 'pt-BR' : 'en' })),
    },
  ];
}
