import {
  AlarmClock,
  AlarmClockOff,
  ArrowLeftRight,
  Bell,
  BellOff,
  Bot,
  BotOff,
  CircleCheck,
  EllipsisVertical,
  Flag,
  Hand,
  RotateCcw,
  Tag,
  Undo2,
  UserRoundPlus,
  UsersRound,
  Workflow,
  type LucideIcon,
} from 'lucide-react';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { agentsQuery } from '@/api/queries/agents';
import { labelsQuery } from '@/api/queries/labels';
import { queuesQuery } from '@/api/queries/queues';
import { useMe } from '@/api/queries/sign-in';
import type { Conversation, Priority } from '@/api/types';
import { runCommand, useCommands, type Command } from '@/app/commands';
import { ariaKeys, printed } from '@/app/shortcuts';
import { Button, IconButton } from '@/components/button';
import { Menu, MENU_LINE, type MenuItem } from '@/components/menu';
import { actsOf, buttonsOf, type Act } from './acts';
import type { Asking } from './dialogs';
import { useActs, type Acts } from './use-acts';

const ActDialogs = lazy(() => import('./dialogs'));

const ICONS: Record<Act, LucideIcon> = {
  accept: Hand,
  open: Hand,
  take: Hand,
  close: CircleCheck,
  reopen: RotateCcw,
  transfer: ArrowLeftRight,
  snooze: AlarmClock,
  wake: AlarmClockOff,
  hand_back: Undo2,
  flow: Workflow,
  start_flow: Workflow,
  priority: Flag,
  follow: Bell,
  unfollow: BellOff,
  chatbot_off: BotOff,
  chatbot_on: Bot,
};

const KEYS: Partial<Record<Act, string>> = {
  accept: 'a',
  open: 'a',
  take: 'a',
  close: 'e',
  reopen: 'Shift+E',
  transfer: 't',
  snooze: 'z',
  wake: 'z',
  hand_back: 'b',
  flow: 'f',
  priority: 'p',
  follow: 's',
  unfollow: 's',
};

const PRIORITIES: readonly Priority[] = ['urgent', 'high', 'medium', 'low', 'none'];

/** Opens the dialog of an act. */
export type Ask = (asking: Asking) => void;

/** What each act does, by the dialog or list it needs. */
function runOf(act: Act, acts: Acts, ask: Ask): () => unknown {
  switch (act) {
    case 'accept':
      return acts.accept;
    case 'open':
      return acts.open;
    case 'take':
      return acts.take;
    case 'close':
      return () => ask({ act: 'close' });
    case 'reopen':
      return acts.reopen;
    case 'transfer':
      return () => ask({ act: 'transfer' });
    case 'snooze':
      return () => ask({ act: 'snooze' });
    case 'wake':
      return acts.wake;
    case 'hand_back':
      return acts.handBack;
    case 'flow':
    case 'start_flow':
      return () => ask({ act: 'flow' });
    case 'priority':
      return () => undefined; // its list is opened instead
    case 'follow':
      return () => acts.follow(true);
    case 'unfollow':
      return () => acts.follow(false);
    case 'chatbot_off':
      return () => acts.chatbot(true);
    case 'chatbot_on':
      return () => acts.chatbot(false);
  }
}

/** The commands of an open conversation: the same for its buttons, its menu, the command bar, the keys and the sheet. */
function useActCommands(conversation: Conversation, ask: Ask): { acts: Acts; names: readonly Act[]; commandOf: (act: Act) => Command } {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { user, permissions } = useMe();
  const acts = useActs(conversation);
  const names = useMemo(() => actsOf(conversation, { id: user.id, permissions }), [conversation, user.id, permissions]);
  const { commands, lists } = useMemo(() => {
    const holder = conversation.ticket?.agent?.name ?? '';
    const own = names.map((act): Command => ({
      id: `act.${act}`,
      words: t(`acts.names.${act}`),
      icon: ICONS[act],
      hint: t(`acts.hints.${act}`, { name: holder }),
      also: t(`acts.also.${act}`),
      run: runOf(act, acts, ask),
      ...(KEYS[act] !== undefined && { keys: KEYS[act] }),
      ...(act === 'priority' && {
        choices: () => Promise.resolve(PRIORITIES.map((priority) => ({ id: priority, words: t(`acts.priorities.${priority}`), run: () => acts.priority(priority) }))),
      }),
    }));
    const second: Command[] = [];
    if (names.includes('transfer')) {
      second.push(
        {
          id: 'act.assign',
          words: t('acts.assignAgent'),
          icon: UserRoundPlus,
          also: t('acts.also.transfer'),
          choices: async () =>
            (await client.ensureQueryData(agentsQuery)).map(({ id, name }) => ({ id: String(id), words: name, run: () => ask({ act: 'transfer', target: { user: { id, name } } }) })),
        },
        {
          id: 'act.queue',
          words: t('acts.assignQueue'),
          icon: UsersRound,
          also: t('acts.also.transfer'),
          choices: async () =>
            (await client.ensureQueryData(queuesQuery)).map(({ id, name, color }) => ({ id: String(id), words: name, color, run: () => ask({ act: 'transfer', target: { queue: { id, name, color } } }) })),
        },
      );
    }
    if (permissions.includes('contacts:write')) {
      second.push({
        id: 'act.label',
        words: t('acts.addLabel'),
        icon: Tag,
        keys: 'l',
        choices: async () =>
          (await client.ensureQueryData(labelsQuery))
            .filter((label) => !label.automation_only && !conversation.labels.some(({ id }) => id === label.id))
            .map((label) => ({
              id: String(label.id),
              words: label.name,
              color: label.color,
              run: () => acts.label(label, true).catch(() => undefined),
            })),
      });
    }
    return { commands: own, lists: second };
  }, [t, client, conversation, names, acts, ask, permissions]);
  useCommands(useMemo(() => ({ heading: t('acts.heading'), first: true, commands: [...commands, ...lists] }), [t, commands, lists]));
  const commandOf = useCallback((act: Act) => commands.find(({ id }) => id === `act.${act}`) ?? { id: act, words: '', icon: ICONS[act] }, [commands]);
  return { acts, names, commandOf };
}

/** The buttons and the menu of an open conversation, with the dialogs they open. */
export default function HeaderActions({
  conversation,
  asking,
  onAsk,
  more,
}: {
  conversation: Conversation;
  asking: Asking | undefined;
  onAsk: (asking: Asking | undefined) => void;
  /** What the menu has besides the acts. */
  more: readonly MenuItem[];
}) {
  const { t } = useTranslation();
  const { acts, names, commandOf } = useActCommands(conversation, onAsk);
  const { first, beside } = buttonsOf(names);
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  const close = useCallback(() => onAsk(undefined), [onAsk]);
  const again = useCallback(
    (asked: Asking) => {
      if (here.current) onAsk(asked);
      return here.current;
    },
    [onAsk],
  );
  const item = (act: Act): MenuItem => {
    const command = commandOf(act);
    return { words: command.words, icon: command.icon, ...(command.keys !== undefined && { shortcut: printed(command.keys) }), ...(command.hint !== undefined && { hint: command.hint }), onSelect: () => runCommand(command) };
  };
  const title = (command: Command) => [command.hint, command.keys === undefined ? '' : `(${printed(command.keys).join('+')})`].filter(Boolean).join(' ');
  const rest = names.filter((act) => act !== first && !beside.includes(act));
  const button = (act: Act, look: 'primary' | 'plain', className: string) => {
    const command = commandOf(act);
    return (
      <Button
        key={look === 'primary' ? 'first' : act}
        look={look}
        title={title(command)}
        className={className}
        onClick={() => runCommand(command)}
        {...(command.keys !== undefined && { 'aria-keyshortcuts': ariaKeys(command.keys) })}
      >
        <command.icon aria-hidden="true" className="size-4" />
        {command.words}
      </Button>
    );
  };
  return (
    <div role="group" aria-label={t('acts.all')} className="flex shrink-0 items-center gap-1.5">
      {/* What is meant now keeps its place and, when it was pressed, the focus. */}
      {first && button(first, 'primary', 'max-sm:px-2.5')}
      {beside.length > 0 && <span className="hidden gap-1.5 @5xl:flex">{beside.map((act) => button(act, 'plain', ''))}</span>}
      <span className="hidden @xl:flex @5xl:hidden">
      {beside.map((act) => {
        const command = commandOf(act);
        return (
          <IconButton
            key={`icon ${act}`}
            label={command.words}
            title={`${command.words}: ${title(command)}`}
            onClick={() => runCommand(command)}
            {...(command.keys !== undefined && { 'aria-keyshortcuts': ariaKeys(command.keys) })}
          >
            <command.icon aria-hidden="true" className="size-4.5" />
          </IconButton>
        );
      })}
      </span>
      {names.length + more.length > 0 && (
        <Menu
          label={t('acts.menu')}
          trigger={
            <IconButton label={t('acts.menu')}>
              <EllipsisVertical aria-hidden="true" className="size-5" />
            </IconButton>
          }
          items={[...beside.map(item), ...(beside.length > 0 && rest.length > 0 ? [MENU_LINE as typeof MENU_LINE] : []), ...rest.map(item), ...(names.length > 0 && more.length > 0 ? [MENU_LINE as typeof MENU_LINE] : []), ...more]}
        />
      )}
      {asking && (
        <Suspense>
          <ActDialogs conversation={conversation} acts={acts} asking={asking} onClose={close} onAgain={again} />
        </Suspense>
      )}
    </div>
  );
}
