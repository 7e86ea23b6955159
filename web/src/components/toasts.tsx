import { Toast as BaseToast } from '@base-ui/react/toast';
import { CircleCheck, Info, TriangleAlert, X } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from './button';
import { inField, modPressed } from '@/app/shortcuts';
import { manager, toastsShown, undoNewest, type ToastData } from './toast';

const LOOKS = {
  good: { icon: CircleCheck, color: 'text-good' },
  info: { icon: Info, color: 'text-info' },
  bad: { icon: TriangleAlert, color: 'text-bad' },
} as const;

/** The place of the toasts: once, around the console. Time stands still while one of them is pointed at or has the focus. */
export default function Toasts() {
  const { t } = useTranslation();
  useEffect(toastsShown, []);
  // A field keeps the key for what is typed, and so does a screen that has undo itself.
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.shiftKey || event.altKey || event.key.toLowerCase() !== 'z' || !modPressed(event) || inField(event.target)) return;
      if (undoNewest()) event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <BaseToast.Provider toastManager={manager} limit={3}>
      <BaseToast.Portal>
        <BaseToast.Viewport
          aria-label={t('kit.notices')}
          className="fixed inset-x-3 bottom-18 z-60 flex flex-col gap-2 outline-none sm:inset-x-auto sm:right-4 sm:bottom-4 sm:w-88 md:bottom-4"
        >
          <List />
        </BaseToast.Viewport>
      </BaseToast.Portal>
    </BaseToast.Provider>
  );
}

function List() {
  const { t } = useTranslation();
  const { toasts } = BaseToast.useToastManager<ToastData>();
  return toasts.map((each) => {
    const { icon: Icon, color } = LOOKS[each.data?.tone ?? 'info'];
    return (
      <BaseToast.Root
        key={each.id}
        toast={each}
        className="rounded-xl border border-line bg-raised shadow-card transition-[opacity,transform] duration-200 data-ending-style:opacity-0 data-limited:hidden data-starting-style:translate-y-2 data-starting-style:opacity-0"
      >
        <BaseToast.Content className="flex items-center gap-3 py-2 pr-2 pl-3.5 text-sm">
          <Icon aria-hidden="true" className={`size-5 shrink-0 ${color}`} />
          <div className="min-w-0 flex-1 py-1">
            <BaseToast.Title className="font-medium" />
            <BaseToast.Description className="text-muted" />
          </div>
          <BaseToast.Action className="min-h-9 shrink-0 rounded-lg px-2.5 font-medium text-accent-strong hover:bg-sunken" />
          <BaseToast.Close
            render={
              <IconButton label={t('app.close')}>
                <X aria-hidden="true" className="size-4" />
              </IconButton>
            }
          />
        </BaseToast.Content>
      </BaseToast.Root>
    );
  });
}
