import { connectionsTexts } from '@/features/connections/texts.pt-br';
import { flowsTexts } from '@/features/flows/texts.pt-br';
import { bulkTexts } from '@/features/inbox/bulk/texts.pt-br';
import { composerTexts } from '@/features/inbox/composer/texts.pt-br';
import { listTexts } from '@/features/inbox/list-texts.pt-br';
import { actsTexts } from '@/features/inbox/actions/texts.pt-br';
import { startTexts } from '@/features/inbox/start-texts.pt-br';
import { inboxTexts } from '@/features/inbox/texts.pt-br';
import { quarantineTexts } from '@/features/quarantine/texts.pt-br';
import { runsTexts } from '@/features/runs/texts.pt-br';
import { settingsTexts } from '@/features/settings/texts.pt-br';
import { signInTexts } from '@/features/sign-in/texts.pt-br';
import { metaErrors } from './meta-errors.pt-br';
import { sharedTexts } from './shared.pt-br';

/** The console's texts, put together. Portuguese is the language they are written in; each other language has the same keys. */
export const ptBR = {
  ...sharedTexts,
  ...inboxTexts,
  ...composerTexts,
  ...listTexts,
  ...actsTexts,
  ...bulkTexts,
  ...startTexts,
  ...runsTexts,
  ...flowsTexts,
  ...connectionsTexts,
  ...quarantineTexts,
  ...settingsTexts,
  ...signInTexts,
  metaErrors,
};
