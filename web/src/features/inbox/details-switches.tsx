import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Ban } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import { conversationKeys } from '@/api/queries/conversations';
import { blockContact, contactKeys } from '@/api/queries/contacts';
import { agentsQuery } from '@/api/queries/agents';
import { useMe } from '@/api/queries/sign-in';
import type { ContactDetail, Conversation } from '@/api/types';
import { Button } from '@/components/button';
import { Confirm } from '@/components/dialog';
import { Facts } from '@/components/facts';
import { Switch } from '@/components/switch';
import { toast } from '@/components/toast';
import { useActs } from './actions/use-acts';
import { useContactChange } from './details-contact';
import { Section } from './details-section';
import { EditableFact } from './editable-fact';

/** What is switched for a contact: the bot, broadcasts, and whose customer it is (rules 142, 149, 187). */
export function Switches({ conversation, contact }: { conversation: Conversation; contact: ContactDetail }) {
  const { t } = useTranslation();
  const { permissions } = useMe();
  const acts = useActs(conversation);
  const agents = useQuery(agentsQuery);
  const save = useContactChange(contact);
  const mayEdit = permissions.includes('contacts:write');
  const agent = agents.data?.find(({ id }) => id === contact.default_agent_id);
  const options = (agents.data ?? []).map(({ id, name }) => ({ value: String(id), words: name }));
  return (
    <Section title={t('contact.service')}>
      <div className="space-y-2">
        <Switch label={t('contact.chatbot')} hint={t('contact.chatbotHint')} on={!conversation.chatbot_disabled} disabled={!permissions.includes('tickets:write')} onChange={(on) => void acts.chatbot(!on)} />
        <Switch
          label={t('contact.broadcasts')}
          hint={contact.marketing_stopped_at ? t('contact.marketingStopped') : t('contact.broadcastsHint')}
          on={contact.broadcast_enabled}
          disabled={!mayEdit}
          onChange={(on) => {
            save({ broadcast_enabled: on }, { broadcast_enabled: on }).catch((error: unknown) => toast({ words: error instanceof ApiError ? error.sayWith(t) : t('error.unknown'), tone: 'bad' }));
          }}
        />
        <Facts columns={1}>
          <EditableFact
            name={t('contact.defaultAgent')}
            value={contact.default_agent_id === undefined ? '' : String(contact.default_agent_id)}
            shown={agent?.name ?? t('app.none')}
            options={options}
            mayEdit={mayEdit}
            onSave={(typed) => save({ default_agent_id: Number(typed || 0) }, typed === '' ? {} : { default_agent_id: Number(typed) })}
          />
        </Facts>
      </div>
    </Section>
  );
}

/** Blocks a contact after a question, and unblocks one at any time (rules 191, 192). */
export function BlockSwitch({ conversation, contact }: { conversation: Conversation; contact: ContactDetail }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const mayEdit = useMe().permissions.includes('contacts:write');
  const [asking, setAsking] = useState(false);
  if (!mayEdit) return null;
  const blocked = contact.blocked_at !== undefined;
  const put = async (block: boolean) => {
    try {
      await blockContact(contact.id, block);
      toast({ words: block ? t('contact.blockedNow') : t('contact.unblockedNow'), undo: () => void put(!block) });
    } catch (error) {
      toast({ words: error instanceof ApiError ? error.sayWith(t) : t('error.unknown'), tone: 'bad' });
    }
    await Promise.all([
      client.invalidateQueries({ queryKey: contactKeys.one(contact.id) }),
      client.invalidateQueries({ queryKey: conversationKeys.number(conversation.number) }),
    ]);
  };
  return (
    <div className="border-t border-line px-5 py-4">
      <Button look="quiet" className={blocked ? '' : 'text-bad'} onClick={() => (blocked ? void put(false) : setAsking(true))}>
        <Ban aria-hidden="true" className="size-4" />
        {blocked ? t('contact.unblock') : t('contact.block')}
      </Button>
      {asking && (
        <Confirm
          open
          onOpenChange={setAsking}
          title={t('contact.blockAsk')}
          lead={t('contact.blockLead')}
          yes={t('contact.block')}
          tone="danger"
          onYes={() => {
            setAsking(false);
            void put(true);
          }}
        />
      )}
    </div>
  );
}
