import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { flowsQuery } from '@/api/queries/flows';
import { Combobox, type Option } from '@/components/combobox';
import { FormDialog } from '@/components/dialog';
import type { Sent } from './dialogs';
import { takeInput } from './kept-input';
import type { Acts, Named } from './use-acts';

/** Starts a published flow for the contact. A ticket that is open is closed first (rules 148, Z25). Flows that are meant to be started so come first. */
export function FlowDialog({ conversation, starts, acts, flow, sent, onClose }: { conversation: number; starts: boolean; acts: Acts; flow: Named | undefined; sent: Sent; onClose: () => void }) {
  const { t } = useTranslation();
  const flows = useQuery(flowsQuery);
  const [kept] = useState(() => takeInput<Option>(conversation, 'flow'));
  const [chosen, setChosen] = useState<Option | null>(kept?.given ?? (flow ? { value: String(flow.id), words: flow.name } : null));
  const options = useMemo(() => {
    const published = (flows.data ?? []).filter((each) => each.published);
    return [...published.filter(({ category }) => category === 'manual'), ...published.filter(({ category }) => category !== 'manual')].map((each): Option => ({ value: String(each.id), words: each.name }));
  }, [flows.data]);
  const submit = () => {
    if (chosen) sent(acts.flow({ id: Number(chosen.value), name: chosen.words }), chosen);
  };
  return (
    <FormDialog open onOpenChange={onClose} title={t(starts ? 'acts.startFlowTitle' : 'acts.flowTitle')} lead={t(starts ? 'acts.startFlowLead' : 'acts.flowLead')} names={['flow_id']} error={kept?.error} submit={t(starts ? 'acts.names.start_flow' : 'acts.names.flow')} onSubmit={submit}>
      <Combobox label={t('acts.flow')} placeholder={t('acts.chooseFlow')} options={options} value={chosen} onChange={setChosen} />
    </FormDialog>
  );
}
