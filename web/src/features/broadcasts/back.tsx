import { Link } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';

/** The way back to the list. */
export function Back() {
  const { t } = useTranslation();
  return (
    <Link to="/transmissoes" className="mb-3 inline-flex min-h-8 items-center gap-1.5 text-sm text-muted hover:text-ink">
      <ArrowLeft aria-hidden="true" className="size-4" />
      {t('broadcasts.back')}
    </Link>
  );
}
