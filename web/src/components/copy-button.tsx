import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from './button';

/** Puts a text on the clipboard and says so. */
export function CopyButton({ text, label, words }: { text: string; label: string; words?: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const Icon = copied ? Check : Copy;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <>
      {words === undefined ? (
        <IconButton label={label} className="size-7" onClick={copy}>
          <Icon aria-hidden="true" className={`size-4 ${copied ? 'text-good' : ''}`} />
        </IconButton>
      ) : (
        <button
          type="button"
          aria-label={label}
          onClick={copy}
          className="inline-flex min-h-7 items-center gap-1.5 rounded-md px-2 text-xs font-medium text-muted hover:bg-sunken hover:text-ink"
        >
          <Icon aria-hidden="true" className={`size-3.5 ${copied ? 'text-good' : ''}`} />
          {copied ? t('app.copied') : words}
        </button>
      )}
      <span role="status" className="sr-only">
        {copied ? t('app.copied') : ''}
      </span>
    </>
  );
}
