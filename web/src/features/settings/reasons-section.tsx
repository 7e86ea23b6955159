import { useQuery } from '@tanstack/react-query';
import { CircleCheckBig } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { reasonList, saveReason } from '@/api/queries/settings';
import type { ClosingReason } from '@/api/types';
import { FormDialog } from '@/components/dialog';
import { TextField } from '@/components/field';
import { ListSection } from './list-section';
import { textOf, useOpened, useSaving } from './use-setting';

/** The reasons for closing a ticket. */
export function ReasonsSection() {
  const { opened, open } = useOpened('motivos');
  const query = useQuery(reasonList(false));
  const item = query.data?.find(({ id }) => id === opened);
  return (
    <>
      <ListSection
        kind="reasons"
        icon={CircleCheckBig}
        list={reasonList}
        onNew={() => open('novo')}
        onOpen={(reason) => open(reason.id)}
        row={(reason) => <span className="block truncate font-medium">{reason.name}</span>}
      />
      {(opened === 'novo' || item) && <ReasonForm key={opened} reason={item} onClose={() => open(undefined)} />}
    </>
  );
}

function ReasonForm({ reason, onClose }: { reason: ClosingReason | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const first = useRef<HTMLInputElement>(null);
  const save = useSaving(onClose);
  return (
    <FormDialog
      open
      initialFocus={first}
      onOpenChange={(next) => !next && onClose()}
      title={reason ? t('settings.reasons.edit', { name: reason.name }) : t('settings.reasons.new')}
      names={['name']}
      error={save.error}
      pending={save.isPending}
      submit={t('settings.save')}
      onSubmit={(values) => save.mutate(() => saveReason(reason?.id, { name: textOf(values, 'name') }))}
    >
      <TextField ref={first} label={t('settings.name')} name="name" hint={t('settings.reasons.nameHint')} placeholder={t('settings.reasons.namePlaceholder')} start={reason?.name ?? ''} maxLength={100} required />
    </FormDialog>
  );
}
