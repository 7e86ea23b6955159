import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { profileKey, profileQuery, saveClosingText } from '@/api/queries/profile';
import { Button } from '@/components/button';
import { TextArea } from '@/components/field';
import { Form } from '@/components/form';
import { toast } from '@/components/toast';
import { ErrorState, LoadingRows } from '@/components/view-state';
import { textOf } from './use-setting';

/** The text that fills the closing text of every ticket that one closes (rule 155). */
export function ClosingText() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const profile = useQuery(profileQuery);
  const save = useMutation({
    mutationFn: saveClosingText,
    onSuccess: (kept) => {
      client.setQueryData(profileKey, kept);
      toast({ words: t('settings.saved') });
    },
  });
  if (profile.isPending) return <LoadingRows rows={1} />;
  if (profile.isError) return <ErrorState error={profile.error} onRetry={() => void profile.refetch()} />;
  return (
    <Form names={['closing_text']} error={save.error} pending={save.isPending} onSubmit={(values) => save.mutate(textOf(values, 'closing_text').trim())} className="py-5">
      <TextArea
        label={t('settings.profile.closingText')}
        name="closing_text"
        hint={t('settings.profile.closingTextHint')}
        placeholder={t('settings.profile.closingTextPlaceholder')}
        start={profile.data.closing_text}
        maxLength={4096}
        rows={3}
      />
      <Button type="submit" disabled={save.isPending}>
        {save.isPending ? t('kit.working') : t('settings.save')}
      </Button>
    </Form>
  );
}
