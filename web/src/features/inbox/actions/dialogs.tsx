import { useTranslation } from 'react-i18next';
import type { Conversation } from '@/api/types';
import { CloseDialog } from './close-dialog';
import { FlowDialog } from './flow-dialog';
import { SnoozeDialog } from './snooze-dialog';
import { TransferDialog } from './transfer-dialog';
import type { Acts, Named, Target } from './use-acts';

/** A dialog of an act that is open, with what was chosen before it was. */
export type Asking = { act: 'transfer'; target?: Target } | { act: 'snooze' } | { act: 'close' } | { act: 'flow'; flow?: Named };

/** The dialog of the act that asks for something. Loaded when one is opened. */
export default function ActDialogs({ conversation, acts, asking, onClose }: { conversation: Conversation; acts: Acts; asking: Asking; onClose: () => void }) {
  const { t } = useTranslation();
  const { ticket } = conversation;
  switch (asking.act) {
    case 'transfer':
      return (
        <TransferDialog
          title={t('acts.transferTitle')}
          agent={ticket?.agent?.id}
          served={ticket?.agent !== undefined}
          noted={ticket !== undefined}
          transfer={acts.transfer}
          target={asking.target}
          onClose={onClose}
        />
      );
    case 'snooze':
      return <SnoozeDialog ready={conversation.ticket !== undefined} acts={acts} onClose={onClose} />;
    case 'close':
      return <CloseDialog conversation={conversation} acts={acts} onClose={onClose} />;
    case 'flow':
      return <FlowDialog acts={acts} flow={asking.flow} onClose={onClose} />;
  }
}
