import { Eye, EyeOff } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '@/api/queries/sign-in';
import { useCommands } from '@/app/commands';
import { setPreferences, usePreferences } from '@/app/preferences';
import { Button } from '@/components/button';

/** Offers supervisors to look at conversations without marking them as read. */
export function useWatchCommand(): void {
  const { t } = useTranslation();
  const { user } = useMe();
  const { watching } = usePreferences();
  useCommands(
    useMemo(
      () => ({
        heading: t('composer.title'),
        commands:
          user.role === 'user'
            ? []
            : [
                {
                  id: 'watch',
                  words: watching ? t('together.watchStop') : t('together.watch'),
                  hint: t('together.watchHint'),
                  icon: watching ? EyeOff : Eye,
                  keys: 'w',
                  run: () => setPreferences({ watching: !watching }),
                },
              ],
      }),
      [t, user.role, watching],
    ),
  );
}

/** Says that nothing is marked as read now. */
export function WatchNotice() {
  const { t } = useTranslation();
  const { user } = useMe();
  const { watching } = usePreferences();
  if (!watching || user.role === 'user') return null;
  return (
    <p role="status" className="flex flex-wrap items-center gap-x-3 rounded-lg bg-info-soft px-3 py-1 text-sm text-info">
      <Eye aria-hidden="true" className="size-4 shrink-0" />
      <span className="min-w-0 flex-1">{t('together.watching')}</span>
      <Button look="quiet" className="min-h-8" onClick={() => setPreferences({ watching: false })}>
        {t('together.watchStop')}
      </Button>
    </p>
  );
}
