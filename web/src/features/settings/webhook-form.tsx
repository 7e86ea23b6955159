import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import { changeWebhook, createWebhook, type WebhookFields } from '@/api/queries/webhooks';
import type { NewWebhook, Webhook } from '@/api/types';
import { CheckField } from '@/components/check-field';
import { FormDialog } from '@/components/dialog';
import { TextField } from '@/components/field';
import { SelectField } from '@/components/select-field';
import { textOf, useSaving } from './use-setting';

const KINDS = ['standard', 'compatible'] as const satisfies readonly Webhook['kind'][];
const EVENTS = ['message_created', 'message_updated', 'conversation_created', 'conversation_updated', 'conversation_status_changed'] as const satisfies readonly Webhook['events'][number][];

/** A webhook's name, address, kind and events. */
export function WebhookForm({ webhook, onMade, onClose }: { webhook: Webhook | undefined; onMade: (made: NewWebhook) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const first = useRef<HTMLInputElement>(null);
  const [kind, setKind] = useState<Webhook['kind']>(webhook?.kind ?? 'standard');
  const [events, setEvents] = useState<readonly Webhook['events'][number][]>(webhook?.events ?? ['message_created']);
  const save = useSaving(onClose);
  const error = useMemo(() => {
    if (!(save.error instanceof ApiError) || save.error.key !== 'webhook.too_many') return save.error;
    const { status, code, requestId, retryAfter, fields, key, args } = save.error;
    return new ApiError(status, code, t('settings.webhooks.tooMany'), requestId, retryAfter, fields, key, args);
  }, [save.error, t]);
  const send = async (fields: WebhookFields) => {
    if (webhook) return changeWebhook(webhook.id, fields);
    const made = await createWebhook(fields);
    onMade(made);
    return made;
  };
  return (
    <FormDialog
      open
      initialFocus={first}
      onOpenChange={(next) => !next && onClose()}
      title={webhook ? t('settings.webhooks.edit', { name: webhook.name }) : t('settings.webhooks.new')}
      names={['name', 'url', 'kind', 'events']}
      error={error}
      pending={save.isPending}
      submit={t('settings.save')}
      onSubmit={(values) => events.length > 0 && save.mutate(() => send({ name: textOf(values, 'name').trim(), url: textOf(values, 'url').trim(), kind, events: [...events] }))}
    >
      <TextField ref={first} label={t('settings.name')} name="name" hint={t('settings.webhooks.nameHint')} placeholder={t('settings.webhooks.namePlaceholder')} start={webhook?.name ?? ''} maxLength={100} required />
      <TextField label={t('settings.webhooks.url')} name="url" type="url" inputMode="url" hint={t('settings.webhooks.urlHint')} placeholder="https://example.com/webhook" start={webhook?.url ?? ''} maxLength={2000} required />
      <SelectField
        label={t('settings.webhooks.kind')}
        name="kind"
        hint={t('settings.webhooks.kindHint')}
        value={kind}
        onValue={(value) => setKind(value as Webhook['kind'])}
        options={KINDS.map((value) => ({ value, words: t(`settings.webhooks.kinds.${value}`) }))}
      />
      <fieldset className="space-y-2">
        <legend className="mb-2 text-sm font-medium">{t('settings.webhooks.events')}</legend>
        {EVENTS.map((event) => (
          <CheckField
            key={event}
            label={t(`settings.webhooks.eventNames.${event}`)}
            hint={event}
            checked={events.includes(event)}
            onChecked={(checked) => setEvents(checked ? [...events, event] : events.filter((each) => each !== event))}
          />
        ))}
        {events.length === 0 && (
          <p role="alert" className="text-sm text-bad">
            {t('settings.webhooks.noEvents')}
          </p>
        )}
      </fieldset>
    </FormDialog>
  );
}
