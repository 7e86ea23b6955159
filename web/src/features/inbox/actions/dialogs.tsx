import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/problem';
import type { Conversation } from '@/api/types';
import { toast } from '@/components/toast';
import { CloseDialog } from './close-dialog';
import { FlowDialog } from './flow-dialog';
import { keepInput } from './kept-input';
import { setNotice } from './notices';
import { SnoozeDialog } from './snooze-dialog';
import { TransferDialog } from './transfer-dialog';
import type { Acts, Named, Outcome, Target } from './use-acts';

/** A dialog of an act that is open, with what was chosen before it was. */
export type Asking = { act: 'transfer'; target?: Target } | { act: 'snooze' } | { act: 'close' } | { act: 'flow'; flow?: Named };

/** Closes the dialog and does the act. A refusal opens it again, with what was given and why. */
export type Sent = <T>(doing: Promise<Outcome>, given: T) => void;

/** The dialog of the act that asks for something. Loaded when one is opened. */
export default function ActDialogs({
  conversation,
  acts,
  asking,
  onClose,
  onAgain,
}: {
  conversation: Conversation;
  acts: Acts;
  asking: Asking;
  onClose: () => void;
  /** Opens the dialog again; false when its conversation is no longer on screen. */
  onAgain: (asking: Asking) => boolean;
}) {
  const { t } = useTranslation();
  const { ticket, id } = conversation;
  const sent = useCallback<Sent>(
    (doing, given) => {
      onClose();
      void doing.then(({ became, error }) => {
        if (became !== 'refused') return;
        keepInput(id, asking.act, { given, error });
        if (onAgain(asking)) return;
        const words = error instanceof ApiError ? error.sayWith(t) : t('error.unknown');
        setNotice(id, { tone: 'refused', words });
        toast({ words: t('acts.notDone', { act: t(`acts.names.${asking.act}`), name: conversation.contact.name }), more: words, tone: 'bad' });
      });
    },
    [id, asking, onClose, onAgain, t, conversation.contact.name],
  );
  switch (asking.act) {
    case 'transfer':
      return (
        <TransferDialog
          title={t('acts.transferTitle')}
          conversation={id}
          agent={ticket?.agent?.id}
          served={ticket?.agent !== undefined}
          noted={ticket !== undefined}
          transfer={acts.transfer}
          sent={sent}
          target={asking.target}
          onClose={onClose}
        />
      );
    case 'snooze':
      return <SnoozeDialog conversation={conversation} acts={acts} sent={sent} onClose={onClose} />;
    case 'close':
      return <CloseDialog conversation={conversation} acts={acts} sent={sent} onClose={onClose} />;
    case 'flow':
      return <FlowDialog conversation={id} starts={conversation.ticket === undefined} acts={acts} flow={asking.flow} sent={sent} onClose={onClose} />;
  }
}
