import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { flowsQuery } from '@/api/queries/flows';
import { Combobox, type Option } from '@/components/combobox';
import { FormDialog } from '@/components/dialog';
import { type Acts, type Named } from './use-acts';

/** Closes the ticket and starts a published flow for the contact (rules 148, Z25). */
export function FlowDialog({ acts, flow, onClose }: { acts: Acts; flow: Named | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const flows = useQuery(flowsQuery);
  const [chosen, setChosen] = useState<Option | null>(flow ? { value: String(flow.id), words: flow.name } : null);
  const [error, setError] = useState<unknown>();
  const [pending, setPending] = useState(false);
  const options = useMemo(() => (flows.data ?? []).filter((each) => each.published).map((each): Option => ({ value: String(each.id), words: each.name })), [flows.data]);
  const submit = async () => {
    if (!chosen) return;
    setPending(true);
    const { became, error: why } = await acts.flow({ id: Number(chosen.value), name: chosen.words });
    setPending(false);
    if (became === 'refused') setError(why);
    else onClose();
  };
  return (
    <FormDialog open onOpenChange={onClose} title={t('acts.flowTitle')} lead={t('acts.flowLead')} names={['flow_id']} error={error} pending={pending} submit={t('acts.names.flow')} onSubmit={() => void submit()}>
      <Combobox label={t('acts.flow')} placeholder={t('acts.chooseFlow')} options={options} value={chosen} onChange={setChosen} />
    </FormDialog>
  );
}
