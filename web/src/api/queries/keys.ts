/** What a list of conversations is narrowed to. */
export interface ConversationFilters {
  q?: string;
  unread?: boolean;
  in_charge?: 'idle' | 'flow' | 'ticket';
  window?: 'none' | 'open' | 'expiring' | 'expired';
  connection_id?: number;
}

/** What a list of flow runs is narrowed to. */
export interface RunFilters {
  status?: 'active' | 'waiting' | 'calling' | 'ended';
  wait_kind?: 'reply' | 'timer' | 'call' | 'delivery' | 'ticket' | 'operator';
  flow_id?: number;
  conversation_id?: number;
  node?: string;
  waiting_minutes?: number;
}

/** Every key of the query cache, in one place: a key is imported, never retyped. */
export const keys = {
  me: ['me'],
  account: ['account'],
  conversations: ['conversations'],
  conversationLists: ['conversations', 'list'],
  conversationList: (filters: ConversationFilters) => ['conversations', 'list', filters],
  conversationNumbers: ['conversations', 'number'],
  conversationNumber: (number: number) => ['conversations', 'number', number],
  messages: (conversation: number) => ['messages', conversation],
  allMessages: ['messages'],
  contact: (id: number) => ['contacts', id],
  runs: ['runs'],
  runLists: ['runs', 'list'],
  runList: (filters: RunFilters) => ['runs', 'list', filters],
  run: (id: number) => ['runs', 'one', id],
  flows: ['flows'],
  flow: (id: number) => ['flows', 'one', id],
  flowVersions: (id: number) => ['flows', 'versions', id],
  flowVersion: (id: number, number: number) => ['flows', 'version', id, number],
  connections: ['connections'],
  templates: ['templates'],
  quarantine: ['quarantine'],
  quarantineList: (resolved: boolean) => ['quarantine', resolved],
} as const;
