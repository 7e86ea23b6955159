import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { ApiError } from '../problem';
import { accountKey } from '../queries/account';
import { agentKeys } from '../queries/agents';
import { cannedKeys } from '../queries/canned';
import { connectionKeys } from '../queries/connections';
import { contactKeys } from '../queries/contacts';
import { type ConversationFilters, conversationKeys, memberOf, readConversation } from '../queries/conversations';
import { draftKeys } from '../queries/drafts';
import { deskKeys } from '../queries/desk';
import { flowRunKeys } from '../queries/flow-runs';
import { flowKeys } from '../queries/flows';
import { labelKeys } from '../queries/labels';
import { libraryKeys } from '../queries/library';
import { messageKeys, readMessage, readNewestMessages } from '../queries/messages';
import { flatten, type Pages } from '../queries/pages';
import { quarantineKeys } from '../queries/quarantine';
import { queueKeys } from '../queries/queues';
import { settingsKeys } from '../queries/settings';
import { templateKeys } from '../queries/templates';
import { broadcastKeys } from '../queries/broadcasts';
import { bulkKeys } from '../queries/bulk-jobs';
import { notificationKey } from '../queries/notifications';
import { scheduledKeys } from '../queries/scheduled';
import { savedViewKeys } from '../queries/views';
import type { Conversation, Message } from '../types';
import { mergeNewest, placeConversation, removeConversation, replaceConversation, replaceMessage } from './merge';
import { hearPresence } from './presence';
import { singleFlight } from './single-flight';
import type { LiveEvent } from './socket';

/** Above this many changed messages at once, the newest page is one read and cheaper. */
const SINGLE_READS = 3;
/** Lists that are read again as a whole are read at most this often. */
const LIST_EVERY_MS = 400;

interface PendingMessages {
  newest: boolean;
  ids: Set<number>;
}

/** Counts are read again at most this often. */
const COUNTS_EVERY_MS = 1000;

/** Which conversation is open: it stays in a list of unread ones while it is being read. */
let openConversation: number | undefined;

/** Tells which conversation is on screen. */
export function setOpenConversation(id: number | undefined): void {
  openConversation = id;
}

/** A conversation as it was read after a change. */
export interface Change {
  conversation: Conversation;
  /** As this page knew it. */
  before: Conversation | undefined;
  /** Somebody wrote in it. */
  written: boolean;
}

type Told = (change: Change) => void;
const listeners = new Set<Told>();

/** Hears of each conversation that changed. The answer ends it. */
export function onChanged(told: Told): () => void {
  listeners.add(told);
  return () => listeners.delete(told);
}

/** Filters that narrow a list to a view and nothing else: the server says in each conversation to which it belongs. */
function viewAlone(filters: ConversationFilters): boolean {
  return Object.keys(filters).every((name) => name === 'view' || name === 'order');
}

/**
 * Brings a freshly read conversation into every list and onto its screen. Of views the server says in the conversation to
 * which it belongs. Of a narrowed list on screen the server is asked. A narrowed list that nobody looks at is changed where
 * it has the conversation, and read again when it is shown.
 */
export async function bringIn(client: QueryClient, conversation: Conversation): Promise<void> {
  client.setQueryData<Conversation>(conversationKeys.number(conversation.number), (old) => (old ? conversation : old));
  for (const query of client.getQueryCache().findAll({ queryKey: conversationKeys.lists })) {
    const filters = query.queryKey[2] as ConversationFilters;
    const change = (by: (pages: Pages<Conversation>) => Pages<Conversation>) =>
      client.setQueryData<Pages<Conversation>>(query.queryKey, (pages) => (pages ? by(pages) : pages));
    const told = viewAlone(filters) && conversation.lists;
    if (!told && !query.isActive()) {
      change((pages) => replaceConversation(pages, conversation));
      void client.invalidateQueries({ queryKey: query.queryKey, exact: true, refetchType: 'none' });
      continue;
    }
    const row = told ? (told.includes(filters.view ?? 'all') ? conversation : undefined) : await memberOf(filters, conversation.number);
    change((pages) => {
      const here = flatten(pages).some((each) => each.id === conversation.id);
      const stays = here && openConversation === conversation.id && filters.unread === true;
      return placeConversation(pages, filters.order ?? 'recent', row ?? conversation, row !== undefined || stays);
    });
  }
}

/** What counts are made of, as one word. */
function counted({ lists, unread_count: unread, marked_unread: marked, ticket, labels, in_charge: charge, window_state: state, priority, first_unanswered_at: waits }: Conversation): string {
  return JSON.stringify([lists, unread > 0 || marked, ticket?.queue?.id, ticket?.agent?.id, labels.map(({ id }) => id), charge, state, priority, waits !== undefined]);
}

/** The conversation as it is in the cache. */
function known(client: QueryClient, id: number): Conversation | undefined {
  for (const [, pages] of client.getQueriesData<Pages<Conversation>>({ queryKey: conversationKeys.lists })) {
    const found = flatten(pages).find((each) => each.id === id);
    if (found) return found;
  }
  return client.getQueriesData<Conversation>({ queryKey: conversationKeys.numbers }).find(([, each]) => each?.id === id)?.[1];
}

/** Takes a conversation that may no longer be seen off every list and off the screen. */
export function forgetConversation(client: QueryClient, id: number): void {
  for (const [key, pages] of client.getQueriesData<Pages<Conversation>>({ queryKey: conversationKeys.lists })) {
    if (pages) client.setQueryData(key, removeConversation(pages, id));
  }
  client.removeQueries({ queryKey: messageKeys.of(id), type: 'inactive' });
  void client.resetQueries({ queryKey: messageKeys.of(id) });
  for (const [key, conversation] of client.getQueriesData<Conversation>({ queryKey: conversationKeys.numbers })) {
    if (conversation?.id === id) void client.resetQueries({ queryKey: key, exact: true });
  }
}

/**
 * Brings what changed into the query cache. A changed conversation comes with the stream. Of everything else an event only names
 * a thing; the thing is read, one read at a time per conversation, so that an older answer never replaces a newer one.
 */
export function liveUpdates(client: QueryClient): (events: LiveEvent[]) => void {
  const pending = new Map<number, PendingMessages>();
  /** Conversations that somebody wrote in since they were read. */
  const written = new Set<number>();

  // A first load that began before the change may come back without it: the change waits for it and goes on top. A
  // reload of something already shown starts over instead.
  const settle = async (key: QueryKey): Promise<void> => {
    const query = client.getQueryCache().find({ queryKey: key, exact: true });
    if (query?.state.fetchStatus !== 'fetching') return;
    if (query.state.data === undefined) await query.promise?.catch(() => undefined);
    else await client.refetchQueries({ queryKey: key, exact: true }, { cancelRefetch: true });
  };

  const refreshMessages = singleFlight(async (conversation: number) => {
    const wanted = pending.get(conversation);
    pending.delete(conversation);
    const key = messageKeys.of(conversation);
    if (!wanted || client.getQueryState(key) === undefined) return;
    try {
      await settle(key);
      const loaded = new Set(flatten(client.getQueryData<Pages<Message>>(key)).map((message) => message.id));
      let singles = [...wanted.ids].filter((id) => loaded.has(id));
      if (wanted.newest || singles.length > SINGLE_READS) {
        const newest = await readNewestMessages(conversation);
        client.setQueryData<Pages<Message>>(key, (pages) => (pages ? mergeNewest(pages, newest) : pages));
        const fresh = new Set(newest.data.map((message) => message.id));
        singles = singles.filter((id) => !fresh.has(id));
      }
      for (const id of singles) {
        const message = await readMessage(id);
        client.setQueryData<Pages<Message>>(key, (pages) => (pages ? replaceMessage(pages, message) : pages));
      }
    } catch {
      // The change could not be read: the whole is read again, with the patience a query has.
      void client.invalidateQueries({ queryKey: key, exact: true });
    }
  });

  /** Conversations that the server pushed: they need not be read. */
  const pushed = new Map<number, Conversation>();
  /** The latest row of each: it can come ahead of the event of the message that it shows. */
  const latest = new Map<number, Conversation>();
  const tell = (change: Change) => {
    for (const told of listeners) told(change);
  };

  const refreshConversation = singleFlight(async (id: number) => {
    const row = pushed.get(id);
    pushed.delete(id);
    for (const query of client.getQueryCache().findAll({ queryKey: conversationKeys.lists })) {
      if (query.isActive()) await settle(query.queryKey);
    }
    try {
      // What we were answered after an act of our own can be newer than what was on its way.
      const here = row && known(client, id);
      if (here && Date.parse(here.updated_at) > Date.parse(row.updated_at)) return;
      const change = { written: written.delete(id), before: known(client, id), conversation: row ?? (await readConversation(id)) };
      const { conversation } = change;
      tell(change);
      await bringIn(client, conversation);
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 403)) forgetConversation(client, id);
      else void client.invalidateQueries({ queryKey: conversationKeys.all });
    }
  });

  const throttles = new Map<string, ReturnType<typeof setTimeout>>();
  const reread = (key: QueryKey, every = LIST_EVERY_MS) => {
    const name = JSON.stringify(key);
    if (throttles.has(name)) return;
    throttles.set(
      name,
      setTimeout(() => {
        throttles.delete(name);
        void client.invalidateQueries({ queryKey: key });
      }, every),
    );
  };

  const conversationsOf = (wanted: (conversation: Conversation) => boolean): number[] => {
    const ids = new Set<number>();
    for (const [, pages] of client.getQueriesData<Pages<Conversation>>({ queryKey: conversationKeys.lists })) {
      for (const conversation of flatten(pages)) if (wanted(conversation)) ids.add(conversation.id);
    }
    for (const [, conversation] of client.getQueriesData<Conversation>({ queryKey: conversationKeys.numbers })) {
      if (conversation && wanted(conversation)) ids.add(conversation.id);
    }
    return [...ids];
  };

  const openConversations = (): number[] =>
    client.getQueriesData<Conversation>({ queryKey: conversationKeys.numbers }).flatMap(([, conversation]) => (conversation ? [conversation.id] : []));

  return (events) => {
    const messages = new Set<number>();
    const conversations = new Set<number>();
    let recount = false;
    for (const { kind, conversation_id: conversation, entity_id: entity, row, pushed: comes, data } of events) {
      switch (kind) {
        case 'presence':
          if (conversation) hearPresence(conversation, data);
          break;
        case 'row': {
          if (!row) break;
          const here = known(client, row.id);
          recount ||= !here || counted(here) !== counted(row);
          pushed.set(row.id, row);
          latest.set(row.id, row);
          conversations.add(row.id);
          break;
        }
        case 'message.created':
        case 'message.updated': {
          if (!conversation) break;
          const wanted = pending.get(conversation) ?? { newest: false, ids: new Set<number>() };
          if (kind === 'message.created') {
            const shown = latest.get(conversation);
            if (comes && shown && (shown.last_message?.id ?? 0) >= (entity ?? 0)) tell({ conversation: shown, before: shown, written: true });
            else written.add(conversation);
            latest.delete(conversation);
          }
          if (kind === 'message.created' || !entity) wanted.newest = true;
          else wanted.ids.add(entity);
          pending.set(conversation, wanted);
          messages.add(conversation);
          if (comes) break;
          if (kind === 'message.created') conversations.add(conversation);
          else for (const id of conversationsOf((each) => each.last_message?.id === entity)) conversations.add(id);
          break;
        }
        case 'gone':
          if (!conversation) break;
          forgetConversation(client, conversation);
          reread(conversationKeys.counts, COUNTS_EVERY_MS);
          break;
        case 'conversation.updated':
        case 'ticket.opened':
        case 'ticket.updated':
          if (!comes && (conversation ?? entity)) conversations.add(conversation ?? entity ?? 0);
          break;
        case 'flow_run.updated':
          if (!comes && conversation) conversations.add(conversation);
          if (entity) reread(flowRunKeys.one(entity));
          reread(flowRunKeys.lists);
          break;
        case 'flow.updated':
          reread(flowKeys.all);
          break;
        case 'connection.updated':
          reread(connectionKeys.all);
          break;
        case 'settings.updated':
          // Names and colours of queues stand in the rows of conversations, and membership decides which rows there are.
          for (const id of openConversations()) conversations.add(id);
          for (const key of [settingsKeys.all, cannedKeys.all, libraryKeys.all, accountKey, queueKeys.all, labelKeys.all, agentKeys.all, deskKeys.all, conversationKeys.lists, conversationKeys.counts, savedViewKeys.all]) reread(key);
          break;
        case 'notification.updated':
          reread(notificationKey);
          break;
        case 'bulk_job.updated':
          reread(bulkKeys.all);
          break;
        case 'broadcast.updated':
          reread(broadcastKeys.all, 1000);
          break;
        case 'scheduled.updated':
          reread(scheduledKeys.all);
          break;
        case 'template.updated':
          reread(templateKeys.all);
          break;
        case 'quarantine.added':
          reread(quarantineKeys.all);
          break;
        case 'draft.updated':
          reread(draftKeys.lists);
          if (conversation) reread(draftKeys.in(conversation));
          break;
        case 'contact.updated':
          if (!entity) break;
          reread(contactKeys.one(entity));
          reread(contactKeys.lists, 1000);
          for (const id of conversationsOf((each) => each.contact.id === entity)) conversations.add(id);
          break;
        default:
          // A kind of a newer server: what it is about is read again when its screen is opened.
          break;
      }
    }
    if (recount || [...conversations].some((id) => !pushed.has(id))) reread(conversationKeys.counts, COUNTS_EVERY_MS);
    for (const id of messages) refreshMessages(id);
    for (const id of conversations) refreshConversation(id);
  };
}
