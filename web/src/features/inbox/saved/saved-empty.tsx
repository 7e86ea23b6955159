import { useNavigate } from '@tanstack/react-router';
import { Bookmark, BookmarkX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/button';
import { EmptyState } from '@/components/view-state';
import '@/i18n/rest';

/** A saved view without rows, and one that its reader may not see or that is gone. */
export default function SavedEmpty({ missing }: { missing: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <EmptyState icon={missing ? BookmarkX : Bookmark} title={missing ? t('saved.missing') : t('saved.empty')} hint={missing ? t('saved.missingHint') : t('saved.emptyHint')}>
      <Button onClick={() => void navigate({ to: '.', search: { visao: 'todos' }, replace: true })}>{t('saved.seeAll')}</Button>
    </EmptyState>
  );
}
