import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { Hash, Languages, Moon, Search, Sun, SunMoon } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { setPreferences, usePreferences, type Preferences } from './preferences';
import { PAGES, usePages } from './pages';

const ROW =
  'flex min-h-10 cursor-pointer items-center gap-3 rounded-lg px-3 text-sm text-ink data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent-strong';

/** Mod+K: type a page, a setting, a conversation's number or words to search for. */
export default function CommandBar({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { language } = usePreferences();
  const pages = usePages();
  const [text, setText] = useState('');
  const typed = text.trim();
  const number = /^#?(\d{1,12})$/.exec(typed)?.[1];
  const close = () => {
    onOpenChange(false);
    setText('');
  };
  const run = (act: () => unknown) => () => {
    close();
    void act();
  };
  const themes: { theme: Preferences['theme']; icon: typeof Sun; words: string }[] = [
    { theme: 'light', icon: Sun, words: t('settings.themeLight') },
    { theme: 'dark', icon: Moon, words: t('settings.themeDark') },
    { theme: 'system', icon: SunMoon, words: t('settings.themeSystem') },
  ];
  return (
    <Command.Dialog
      open={open}
      onOpenChange={(next) => (next ? onOpenChange(true) : close())}
      label={t('commands.label')}
      loop
      overlayClassName="fixed inset-0 z-40 bg-black/40"
      contentClassName="fixed top-[12dvh] left-1/2 z-50 w-[min(40rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-hidden rounded-2xl bg-raised shadow-card outline-none"
    >
      <div className="flex items-center gap-3 border-b border-line px-4">
        <Search aria-hidden="true" className="size-5 shrink-0 text-faint" />
        <Command.Input
          value={text}
          onValueChange={setText}
          placeholder={t('commands.placeholder')}
          className="h-13 w-full bg-transparent text-base outline-none placeholder:text-faint"
        />
      </div>
      <Command.List className="max-h-[50dvh] overflow-y-auto p-2 [&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-semibold [&_[cmdk-group-heading]]:text-faint">
        {number !== undefined && (
          <Command.Group heading={t('commands.conversation')} forceMount>
            <Command.Item
              forceMount
              value={`conversation ${typed}`}
              className={ROW}
              onSelect={run(() => navigate({ to: '/conversas/$number', params: { number } }))}
            >
              <Hash aria-hidden="true" className="size-4" />
              {t('commands.openNumber', { number })}
            </Command.Item>
          </Command.Group>
        )}
        <Command.Group heading={t('commands.go')}>
          {pages.map((page) => {
            const { icon: Icon, to, key } = PAGES[page];
            return (
              <Command.Item key={page} value={t(`nav.${page}`)} className={ROW} onSelect={run(() => navigate({ to }))}>
                <Icon aria-hidden="true" className="size-4" />
                <span className="flex-1">{t(`nav.${page}`)}</span>
                <span className="font-mono text-xs text-faint">g {key}</span>
              </Command.Item>
            );
          })}
        </Command.Group>
        <Command.Group heading={t('commands.look')}>
          {themes.map(({ theme, icon: Icon, words }) => (
            <Command.Item
              key={theme}
              value={t('commands.themeTo', { theme: words })}
              className={ROW}
              onSelect={run(() => setPreferences({ theme }))}
            >
              <Icon aria-hidden="true" className="size-4" />
              {t('commands.themeTo', { theme: words.toLocaleLowerCase(language) })}
            </Command.Item>
          ))}
          <Command.Item
            value={`${t('commands.languageTo')} ${t('commands.languageToEn')}`}
            className={ROW}
            onSelect={run(() => setPreferences({ language: language === 'en' ? 'pt-BR' : 'en' }))}
          >
            <Languages aria-hidden="true" className="size-4" />
            {language === 'en' ? t('commands.languageTo') : t('commands.languageToEn')}
          </Command.Item>
        </Command.Group>
        {/* Last: a page or a command that matches is what Enter means, the search is for everything else. */}
        {typed !== '' && (
          <Command.Group heading={t('commands.elsewhere')} forceMount>
            <Command.Item
              forceMount
              value={`search ${typed}`}
              className={ROW}
              onSelect={run(() => navigate({ to: '/conversas', search: { busca: typed } }))}
            >
              <Search aria-hidden="true" className="size-4" />
              {t('commands.searchFor', { text: typed })}
            </Command.Item>
          </Command.Group>
        )}
      </Command.List>
      <p className="border-t border-line px-4 py-2 text-xs text-faint">{t('commands.hint')}</p>
    </Command.Dialog>
  );
}
