import { togetherTexts } from '@/features/inbox/together/texts.pt-br';
import { composerTexts } from '@/features/inbox/composer/texts.pt-br';
import { listTexts } from '@/features/inbox/list-texts.pt-br';
import { actsTexts } from '@/features/inbox/actions/texts.pt-br';
import { emojiTexts } from '@/features/inbox/emoji/texts.pt-br';
import { startTexts } from '@/features/inbox/start-texts.pt-br';
import { inboxTexts } from '@/features/inbox/texts.pt-br';
import { sharedTexts } from './shared.pt-br';

/** What every screen says, and the inbox: these texts load with the page. */
export const firstTexts = {
  ...sharedTexts,
  ...inboxTexts,
  ...composerTexts,
  ...listTexts,
  ...actsTexts,
  ...emojiTexts,
  ...togetherTexts,
  ...startTexts,
};
