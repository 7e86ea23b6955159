import { ExternalLink } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** A link to Temporal Web, in another tab. */
export function TemporalLink({ href, children, className }: { href: string; children?: ReactNode; className?: string }) {
  const { t } = useTranslation();
  return (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer"
      className={`inline-flex items-center gap-1 font-medium text-accent-strong underline-offset-4 hover:underline ${className ?? ''}`}
    >
      {children ?? t('app.openInTemporal')}
      <ExternalLink aria-hidden="true" className="size-3.5" />
      <span className="sr-only">{t('app.newTab')}</span>
    </a>
  );
}
