import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Save, Send } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import '@/i18n/rest';
import { accountQuery } from '@/api/queries/account';
import { broadcastCalls, broadcastKeys, broadcastQuery, type BroadcastFields } from '@/api/queries/broadcasts';
import { flowsQuery } from '@/api/queries/flows';
import { queuesQuery } from '@/api/queries/queues';
import { sendingConnectionsQuery } from '@/api/queries/start';
import type { Broadcast, BroadcastReply } from '@/api/types';
import { PageFrame } from '@/app/page-frame';
import { Button } from '@/components/button';
import { Card } from '@/components/card';
import { Confirm } from '@/components/dialog';
import { TextArea, TextField } from '@/components/field';
import { Form } from '@/components/form';
import { SelectField } from '@/components/select-field';
import { toast } from '@/components/toast';
import { AudiencePart } from './audience-part';
import { Back } from './back';
import { CheckPart } from './check-part';
import { type Plan, planOf, fieldsOf, ready } from './plan';
import { SpeedPart } from './speed-part';
import { TemplatePart } from './template-part';

const REPLIES = ['rules', 'queue', 'flow'] as const satisfies readonly BroadcastReply[];
const NAMES = ['name', 'connection_id', 'audience', 'list', 'template', 'on_reply', 'queue_id', 'flow_id', 'opt_out.words', 'opt_out.text', 'starts_at', 'per_minute', 'quiet', 'canary'];

/** A broadcast as it is made: who, what, when, and what would come of it, always in sight. */
export default function BroadcastEditor({ broadcast, after }: { broadcast?: Broadcast; after?: number | undefined }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const zone = useQuery(accountQuery).data?.timezone ?? '';
  const connections = useQuery(sendingConnectionsQuery);
  const queues = useQuery(queuesQuery);
  const flows = useQuery(flowsQuery);
  const before = useQuery({ ...broadcastQuery(after ?? 0), enabled: after !== undefined });
  const [plan, setPlan] = useState<Plan>(() => planOf(broadcast, after));
  const [asks, setAsks] = useState<number>();
  const change = (part: Partial<Plan>) => setPlan((old) => ({ ...old, ...part }));
  const connection = plan.connection ?? before.data?.connection.id ?? connections.data?.find((each) => each.is_default)?.id ?? connections.data?.[0]?.id;
  const fields = useMemo<BroadcastFields>(() => fieldsOf({ ...plan, connection }, zone), [plan, connection, zone]);

  const store = useMutation({
    mutationFn: async (send: boolean) => {
      const saved = broadcast ? await broadcastCalls.change(broadcast.id, fields) : await broadcastCalls.create(fields);
      return send ? broadcastCalls.send(saved.id) : saved;
    },
    onSuccess: async (saved, send) => {
      client.setQueryData(broadcastKeys.one(saved.id), saved);
      void client.invalidateQueries({ queryKey: broadcastKeys.list });
      toast({ words: t(send ? 'broadcasts.edit.sent' : 'broadcasts.edit.saved') });
      await navigate({ to: '/transmissoes/$id', params: { id: String(saved.id) }, search: send ? {} : { editar: true }, replace: true });
    },
    onSettled: () => setAsks(undefined),
  });
  const [counted, setPeople] = useState(0);
  const complete = ready(plan, connection);
  const people = complete ? counted : 0;

  return (
    <PageFrame before={<Back />} title={broadcast?.name ?? t('broadcasts.new')} lead={t('broadcasts.lead')}>
      <Form names={NAMES} error={store.error} pending={store.isPending} onSubmit={() => store.mutate(false)}>
        <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
          <div className="space-y-5">
            <Card title={t('broadcasts.edit.title')}>
              <TextField label={t('broadcasts.edit.name')} name="name" hint={t('broadcasts.edit.nameHint')} placeholder={t('broadcasts.edit.namePlaceholder')} value={plan.name} onValue={(name) => change({ name })} maxLength={100} required />
            </Card>
            <Card title={t('broadcasts.edit.who')}>
              <div className="space-y-4">
                <SelectField
                  label={t('broadcasts.edit.connection')}
                  name="connection_id"
                  value={String(connection ?? '')}
                  onValue={(value) => change({ connection: Number(value), template: undefined, values: {}, files: {} })}
                  options={(connections.data ?? []).map(({ id, name }) => ({ value: String(id), words: name }))}
                />
                <AudiencePart plan={plan} onChange={change} />
              </div>
            </Card>
            <Card title={t('broadcasts.edit.what')}>
              <TemplatePart plan={plan} connection={connection} onChange={change} kept={broadcast?.content} />
            </Card>
            <Card title={t('broadcasts.edit.reply')}>
              <div className="space-y-4">
                <SelectField
                  label={t('broadcasts.edit.reply')}
                  name="on_reply"
                  value={plan.onReply}
                  onValue={(value) => change({ onReply: value as BroadcastReply })}
                  options={REPLIES.map((value) => ({ value, words: t(`broadcasts.edit.replies.${value}`) }))}
                />
                {plan.onReply === 'queue' && (
                  <SelectField
                    label={t('broadcasts.edit.queue')}
                    name="queue_id"
                    value={String(plan.queue ?? '')}
                    onValue={(value) => change({ queue: Number(value) || undefined })}
                    options={[{ value: '', words: '—' }, ...(queues.data ?? []).map(({ id, name }) => ({ value: String(id), words: name }))]}
                  />
                )}
                {plan.onReply === 'flow' && (
                  <SelectField
                    label={t('broadcasts.edit.flow')}
                    name="flow_id"
                    value={String(plan.flow ?? '')}
                    onValue={(value) => change({ flow: Number(value) || undefined })}
                    options={[{ value: '', words: '—' }, ...(flows.data ?? []).map(({ id, name }) => ({ value: String(id), words: name }))]}
                  />
                )}
                <TextField label={t('broadcasts.edit.words')} name="opt_out.words" hint={t('broadcasts.edit.wordsHint')} value={plan.words} onValue={(words) => change({ words })} />
                <TextArea
                  label={t('broadcasts.edit.optOutText')}
                  name="opt_out.text"
                  hint={t('broadcasts.edit.optOutTextHint')}
                  placeholder={t('broadcasts.edit.optOutTextPlaceholder')}
                  value={plan.optOutText}
                  onValue={(optOutText) => change({ optOutText })}
                  maxLength={2000}
                  rows={2}
                />
              </div>
            </Card>
            <Card title={t('broadcasts.edit.how')}>
              <SpeedPart plan={plan} zone={zone} onChange={change} />
            </Card>
          </div>
          <div className="space-y-4 lg:sticky lg:top-4">
            <CheckPart fields={fields} complete={complete} draft={broadcast?.id} listed={plan.listed} onPeople={setPeople} />
            <div className="flex flex-wrap gap-2">
              <Button type="submit" disabled={store.isPending || !complete}>
                <Save aria-hidden="true" className="size-4" />
                {t('broadcasts.edit.save')}
              </Button>
              <Button look="primary" disabled={store.isPending || !complete || people === 0} onClick={() => setAsks(people)}>
                <Send aria-hidden="true" className="size-4" />
                {t(plan.startsAt === '' ? 'broadcasts.actions.send' : 'broadcasts.actions.schedule')}
              </Button>
            </div>
          </div>
        </div>
      </Form>
      <Confirm
        open={asks !== undefined}
        onOpenChange={() => setAsks(undefined)}
        title={t('broadcasts.edit.sureSend', { count: asks ?? 0 })}
        lead={t('broadcasts.edit.sureSendLead')}
        yes={t(plan.startsAt === '' ? 'broadcasts.actions.send' : 'broadcasts.actions.schedule')}
        pending={store.isPending}
        onYes={() => store.mutate(true)}
      />
    </PageFrame>
  );
}
