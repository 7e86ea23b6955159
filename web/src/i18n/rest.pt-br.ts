import { connectionsTexts } from '@/features/connections/texts.pt-br';
import { flowsTexts } from '@/features/flows/texts.pt-br';
import { quarantineTexts } from '@/features/quarantine/texts.pt-br';
import { runsTexts } from '@/features/runs/texts.pt-br';
import { bellTexts } from '@/features/bell/texts.pt-br';
import { bulkTexts } from '@/features/inbox/bulk/texts.pt-br';
import { findTexts } from '@/features/inbox/find/texts.pt-br';
import { jobTexts } from '@/features/inbox/bulk/job-texts.pt-br';
import { savedTexts } from '@/features/inbox/saved/texts.pt-br';
import { shownTexts } from '@/features/inbox/content/texts.pt-br';
import { broadcastsTexts } from '@/features/broadcasts/texts.pt-br';
import { contactsTexts } from '@/features/contacts/texts.pt-br';
import { scheduledTexts } from '@/features/scheduled/texts.pt-br';
import { signInTexts } from '@/features/sign-in/texts.pt-br';
import { settingsTexts } from '@/features/settings/texts.pt-br';
import { metaErrors } from './meta-errors.pt-br';

/** What the other screens say: these texts load with the first of them (`rest.ts`). */
export const restTexts = {
  ...connectionsTexts,
  ...flowsTexts,
  ...quarantineTexts,
  ...runsTexts,
  ...savedTexts,
  ...bellTexts,
  ...bulkTexts,
  ...findTexts,
  ...jobTexts,
  ...broadcastsTexts,
  ...contactsTexts,
  ...scheduledTexts,
  ...settingsTexts,
  ...signInTexts,
  ...shownTexts,
  metaErrors,
};
