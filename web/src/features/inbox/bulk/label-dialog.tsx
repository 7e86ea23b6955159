import '@/i18n/rest';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { labelsQuery } from '@/api/queries/labels';
import type { Conversation } from '@/api/types';
import { Combobox, type Option } from '@/components/combobox';
import { FormDialog } from '@/components/dialog';

/** Asks for one of the labels that people give. */
export function LabelDialog({
  title,
  lead,
  submit: button,
  onChoose,
  onClose,
}: {
  title: string;
  lead: string;
  submit: string;
  onChoose: (label: Conversation['labels'][number]) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const labels = useQuery(labelsQuery);
  const [chosen, setChosen] = useState<Option | null>(null);
  const [nothing, setNothing] = useState(false);
  // What only automation gives is not on the list of people.
  const options = useMemo(
    () => (labels.data ?? []).filter((label) => !label.automation_only && !label.archived_at).map((label): Option => ({ value: String(label.id), words: label.name, color: label.color })),
    [labels.data],
  );
  const submit = () => {
    const label = labels.data?.find(({ id }) => String(id) === chosen?.value);
    setNothing(label === undefined);
    if (label) onChoose({ id: label.id, name: label.name, color: label.color });
  };
  return (
    <FormDialog open onOpenChange={onClose} title={title} lead={lead} names={['label_id']} submit={button} onSubmit={submit}>
      <Combobox label={t('list.acts.label')} placeholder={t('bulk.chooseLabel')} options={options} value={chosen} onChange={setChosen} />
      {nothing && !chosen && (
        <p role="alert" className="text-sm text-bad">
          {t('bulk.noLabel')}
        </p>
      )}
    </FormDialog>
  );
}
