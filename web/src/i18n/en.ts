import { connectionsTexts } from '@/features/connections/texts.en';
import { flowsTexts } from '@/features/flows/texts.en';
import { bellTexts } from '@/features/bell/texts.en';
import { bulkTexts } from '@/features/inbox/bulk/texts.en';
import { togetherTexts } from '@/features/inbox/together/texts.en';
import { composerTexts } from '@/features/inbox/composer/texts.en';
import { listTexts } from '@/features/inbox/list-texts.en';
import { actsTexts } from '@/features/inbox/actions/texts.en';
import { emojiTexts } from '@/features/inbox/emoji/texts.en';
import { findTexts } from '@/features/inbox/find/texts.en';
import { shownTexts } from '@/features/inbox/content/texts.en';
import { startTexts } from '@/features/inbox/start-texts.en';
import { inboxTexts } from '@/features/inbox/texts.en';
import { quarantineTexts } from '@/features/quarantine/texts.en';
import { runsTexts } from '@/features/runs/texts.en';
import { jobTexts } from '@/features/inbox/bulk/job-texts.en';
import { savedTexts } from '@/features/inbox/saved/texts.en';
import { broadcastsTexts } from '@/features/broadcasts/texts.en';
import { contactsTexts } from '@/features/contacts/texts.en';
import { scheduledTexts } from '@/features/scheduled/texts.en';
import { settingsTexts } from '@/features/settings/texts.en';
import { signInTexts } from '@/features/sign-in/texts.en';
import { metaErrors } from './meta-errors.en';
import { sharedTexts } from './shared.en';
import type { Texts } from './texts';

/** The console in English. The type demands every key of the Portuguese source. */
export const en: Texts = {
  ...sharedTexts,
  ...inboxTexts,
  ...composerTexts,
  ...listTexts,
  ...actsTexts,
  ...bellTexts,
  ...bulkTexts,
  ...emojiTexts,
  ...togetherTexts,
  ...findTexts,
  ...startTexts,
  ...shownTexts,
  ...runsTexts,
  ...savedTexts,
  ...jobTexts,
  ...flowsTexts,
  ...connectionsTexts,
  ...quarantineTexts,
  ...broadcastsTexts,
  ...contactsTexts,
  ...scheduledTexts,
  ...settingsTexts,
  ...signInTexts,
  metaErrors,
};
