import { RefreshCw, WifiOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLive } from '@/api/live/provider';

/** A connection that comes back at once is not worth a banner. */
const SHOW_AFTER_MS = 1500;
const LONG_AFTER_MS = 15_000;
const BACK_FOR_MS = 3000;

type Shown = 'nothing' | 'offline' | 'long' | 'back';

/** Says when changes do not come in, and that they do again (rule 084). */
export function LiveBanner() {
  const { t } = useTranslation();
  const { state, resync } = useLive();
  const [shown, setShown] = useState<Shown>('nothing');
  useEffect(() => {
    if (state === 'offline') {
      const show = setTimeout(() => setShown('offline'), SHOW_AFTER_MS);
      const long = setTimeout(() => setShown('long'), LONG_AFTER_MS);
      return () => {
        clearTimeout(show);
        clearTimeout(long);
      };
    }
    if (state !== 'live') return;
    const settle = setTimeout(() => setShown((old) => (old === 'offline' || old === 'long' ? 'back' : old)), 0);
    const hide = setTimeout(() => setShown('nothing'), BACK_FOR_MS);
    return () => {
      clearTimeout(settle);
      clearTimeout(hide);
    };
  }, [state]);
  return (
    <div role="status">
      {shown === 'back' && <p className="bg-good-soft px-4 py-1.5 text-center text-sm font-medium text-good">{t('live.back')}</p>}
      {(shown === 'offline' || shown === 'long') && (
        <p className="flex flex-wrap items-center justify-center gap-x-3 gap-y-1 bg-warn-soft px-4 py-1.5 text-sm font-medium text-warn">
          <span className="inline-flex items-center gap-2">
            <WifiOff aria-hidden="true" className="size-4 shrink-0" />
            {shown === 'long' ? t('live.offlineLong') : t('live.offline')}
          </span>
          <button type="button" onClick={() => void resync()} className="inline-flex min-h-7 items-center gap-1.5 rounded-md px-2 underline underline-offset-4">
            <RefreshCw aria-hidden="true" className="size-3.5" />
            {t('live.resync')}
          </button>
        </p>
      )}
    </div>
  );
}
