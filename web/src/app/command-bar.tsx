import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command as Cmdk } from 'cmdk';
import { ChevronRight, CircleUserRound, Hash, Languages, Moon, Search, Sun, SunMoon, type LucideIcon } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { Key } from '@/components/keys';
import { phoneNumber } from '@/i18n/format';
import { narrowed, numberOf, score, usePeople, useTickets } from './command-search';
import { useCommandSets, type Command } from './commands';
import { PAGES, usePages } from './pages';
import { setPreferences, usePreferences, type Preferences } from './preferences';
import { ariaKeys, printed } from './shortcuts';

const ROW =
  'flex min-h-10 cursor-pointer items-center gap-3 rounded-lg px-3 text-sm text-ink data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent-strong';
const HEADINGS =
  '[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-semibold [&_[cmdk-group-heading]]:text-faint';

function Row({
  id,
  found,
  icon: Icon,
  hint,
  keys,
  more = false,
  force = false,
  onSelect,
  children,
}: {
  id: string;
  /** The words it is found by. */
  found: string;
  icon?: LucideIcon;
  hint?: string | undefined;
  keys?: string | undefined;
  more?: boolean;
  force?: boolean;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <Cmdk.Item value={id} keywords={[found]} forceMount={force} className={ROW} onSelect={onSelect} {...(keys !== undefined && { 'aria-keyshortcuts': ariaKeys(keys) })}>
      {Icon && <Icon aria-hidden="true" className="size-4 shrink-0" />}
      <span className="min-w-0 flex-1 truncate">{children}</span>
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
      filter={score}
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
          <Choices command={command} run={run} />
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

function Choices({ command, run }: { command: Command; run: Run }) {
  const { t } = useTranslation();
  const choices = useQuery({ queryKey: ['command-bar', 'choices', command.id], queryFn: () => command.choices?.() ?? [], gcTime: 0 });
  if (choices.isError) return <p className="px-3 py-2 text-sm text-bad">{t('commands.choicesFailed')}</p>;
  if (choices.isPending) return <p className="px-3 py-2 text-sm text-muted">{t('app.loading')}</p>;
  return (
    <>
      <Cmdk.Empty className="px-3 py-2 text-sm text-muted">{t('kit.noMatch')}</Cmdk.Empty>
      {choices.data.map((choice) => (
        <Row key={choice.id} id={choice.id} found={choice.words} hint={choice.hint} onSelect={run(choice.run)}>
          <span className="inline-flex items-center gap-2">
            {choice.color !== undefined && <span aria-hidden="true" className="size-2.5 rounded-full" style={{ background: choice.color }} />}
            {choice.words}
          </span>
        </Row>
      ))}
    </>
  );
}

function Everything({ typed, run, onOpen }: { typed: string; run: Run; onOpen: (command: Command) => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const sets = useCommandSets();
  const pages = usePages();
  const { to, text } = narrowed(typed);
  const tickets = useTickets(to, text);
  const people = usePeople(to, text);
  const number = to === 'all' || to === 'tickets' ? /^\d{1,12}$/.exec(text)?.[0] : undefined;
  const commands = to === 'all' || to === 'commands';
  const go = (place: number | string) => navigate({ to: '/conversas/$number', params: { number: String(place) } });
  return (
    <>
      {number !== undefined && (
        <Cmdk.Group heading={t('commands.conversation')} forceMount>
          <Row id={`number ${number}`} found={number} icon={Hash} force onSelect={run(() => go(number))}>
            {t('commands.openNumber', { number })}
          </Row>
        </Cmdk.Group>
      )}
      {commands &&
        sets.map((set) => (
          <Cmdk.Group key={set.heading} heading={set.heading}>
            {set.commands.map((each) => (
              <Row
                key={each.id}
                id={each.id}
                found={`${each.words} ${each.also ?? ''}`}
                icon={each.icon}
                hint={each.hint}
                keys={each.keys}
                more={each.choices !== undefined}
                onSelect={each.choices ? () => onOpen(each) : run(() => each.run?.())}
              >
                {each.words}
              </Row>
            ))}
          </Cmdk.Group>
        ))}
      {commands && (
        <Cmdk.Group heading={t('commands.go')}>
          {pages.map((page) => (
            <Row key={page} id={`page ${page}`} found={t(`nav.${page}`)} icon={PAGES[page].icon} keys={`g ${PAGES[page].key}`} onSelect={run(() => navigate({ to: PAGES[page].to }))}>
              {t(`nav.${page}`)}
            </Row>
          ))}
        </Cmdk.Group>
      )}
      {tickets.length > 0 && (
        <Cmdk.Group heading={t('commands.conversation')} forceMount>
          {tickets.map((each) => (
            <Row
              key={each.id}
              id={`conversation ${each.id}`}
              found={text}
              icon={Hash}
              hint={each.ticket?.protocol ?? t('contact.number', { number: each.number })}
              force
              onSelect={run(() => go(each.number))}
            >
              {each.contact.name || (each.contact.phone ? phoneNumber(each.contact.phone) : t('inbox.unknownContact'))}
            </Row>
          ))}
        </Cmdk.Group>
      )}
      {people.length > 0 && (
        <Cmdk.Group heading={t('commands.people')} forceMount>
          {people.map((each) => (
            <Row
              key={each.id}
              id={`person ${each.id}`}
              found={text}
              icon={CircleUserRound}
              hint={each.phone === undefined ? each.email : phoneNumber(each.phone)}
              force
              onSelect={run(async () => {
                const found = await numberOf(each.id);
                await (found === undefined ? navigate({ to: '/conversas', search: { busca: each.name } }) : go(found));
              })}
            >
              {each.name || (each.phone === undefined ? t('inbox.unknownContact') : phoneNumber(each.phone))}
            </Row>
          ))}
        </Cmdk.Group>
      )}
      {commands && <Look run={run} />}
      {/* Last: a page or a command that matches is what Enter means, the search is for everything else. */}
      {text !== '' && to !== 'commands' && (
        <Cmdk.Group heading={t('commands.elsewhere')} forceMount>
          <Row id={`search ${text}`} found={text} icon={Search} force onSelect={run(() => navigate({ to: '/conversas', search: { busca: text } }))}>
            {t('commands.searchFor', { text })}
          </Row>
        </Cmdk.Group>
      )}
      {to === 'commands' && <Cmdk.Empty className="px-3 py-2 text-sm text-muted">{t('kit.noMatch')}</Cmdk.Empty>}
    </>
  );
}

function Look({ run }: { run: Run }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const themes: { theme: Preferences['theme']; icon: LucideIcon; words: string }[] = [
    { theme: 'light', icon: Sun, words: t('settings.themeLight') },
    { theme: 'dark', icon: Moon, words: t('settings.themeDark') },
    { theme: 'system', icon: SunMoon, words: t('settings.themeSystem') },
  ];
  return (
    <Cmdk.Group heading={t('commands.look')}>
      {themes.map(({ theme, icon, words }) => (
        <Row key={theme} id={`theme ${theme}`} found={t('commands.themeTo', { theme: words })} icon={icon} onSelect={run(() => setPreferences({ theme }))}>
          {t('commands.themeTo', { theme: words.toLocaleLowerCase(language) })}
        </Row>
      ))}
      <Row
        id="language"
        found={`${t('commands.languageTo')} ${t('commands.languageToEn')}`}
        icon={Languages}
        onSelect={run(() => setPreferences({ language: language === 'en' ? 'pt-BR' : 'en' }))}
      >
        {language === 'en' ? t('commands.languageTo') : t('commands.languageToEn')}
      </Row>
    </Cmdk.Group>
  );
}
