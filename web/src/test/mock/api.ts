import { MockFlows } from './designer.ts';
import type { BulkJob, Conversation, Draft, Message, Notification, Reads, SavedView, Scheduled } from '../../api/types';
import { deskAnswer, MockPeople } from './desk.ts';
import { withLists } from './inbox.ts';
import { freshLibrary, libraryAnswer } from './library.ts';
import { contactOf, readOf } from './reads.ts';
import { writeOf } from './writes.ts';
import { freshTexts, textsAnswer } from './automatic-texts.ts';
import { freshHours, hoursAnswer } from './hours.ts';
import type { SurveyRule } from '../../api/types';
import { MockBroadcasts } from './broadcasts.ts';
import { MockWebhooks } from './webhooks.ts';
import { freshProfile, freshSettings, settingsAnswer } from './settings.ts';
import { jobsAnswer } from './jobs.ts';
import { bellAnswer } from './bell.ts';
import { viewsAnswer } from './views.ts';
import { messages } from './messages.ts';
import { conversations, me, message } from './people.ts';
import { scheduled } from './scheduled.ts';

/** What the mock says to one request. */
export interface MockAnswer {
  status: number;
  body: unknown;
}

const ok = (body: unknown, status = 200): MockAnswer => (body === undefined ? problem(404, 'not_found', 'There is no such thing in this account.') : { status, body });

/** An error as the API writes it. */
export function problem(status: number, code: string, detail: string): MockAnswer {
  return { status, body: { title: code, status, code, detail, request_id: 'req_9f2c41d0' } };
}

/** Answers as the API would, from fixtures: for looking at screens and for testing them. */
export class MockApi {
  readonly conversations: Conversation[];
  messages: Message[];
  readonly settings: ReturnType<typeof freshSettings>;
  readonly hours: ReturnType<typeof freshHours>;
  readonly texts = freshTexts();
  /** What closing does about surveys. */
  surveyRule: SurveyRule = 'off';
  /** What the user has begun to write. */
  readonly drafts: Reads['/v1/drafts']['data'] = [];
  readonly profile = freshProfile();
  readonly views: SavedView[] = [];
  readonly bell: Notification[] = [];
  readonly jobs: BulkJob[] = [];
  readonly refusals: Reads['/v1/bulk-jobs/{id}/refusals']['data'] = [];
  /** How many conversations a page has. */
  pageOf = Infinity;
  /** What drafts hold, by conversation and mode. */
  readonly written = new Map<string, Draft>();
  readonly people = new MockPeople();
  readonly library: ReturnType<typeof freshLibrary>;
  readonly flows: MockFlows;
  readonly scheduled: Scheduled[];
  readonly webhooks: MockWebhooks;
  readonly broadcasts: MockBroadcasts;
  signedIn = true;
  seq = 1;
  /** Told of each change, as the stream of events would. */
  tell: (frame: { type: 'event'; seq: string; kind: string; conversation_id: number; entity_id: number; data?: unknown }) => void = () => undefined;
  readonly #now: number;

  constructor(now: number) {
    this.#now = now;
    this.flows = new MockFlows(now);
    this.webhooks = new MockWebhooks(now);
    this.broadcasts = new MockBroadcasts(now);
    this.conversations = conversations(now);
    this.settings = freshSettings(now);
    this.hours = freshHours(now);
    this.messages = messages(now);
    this.library = freshLibrary(now);
    this.scheduled = scheduled(now, this.conversations);
  }

  /** The contact of the first conversation writes. */
  say(text: string): Message {
    const next = message((this.messages[0]?.id ?? 0) + 1, { content: { kind: 'text', text }, created_at: new Date(Math.max(Date.now(), this.#now)).toISOString() });
    this.messages.unshift(next);
    const conversation = this.conversations.find((each) => each.id === 900);
    if (conversation) {
      conversation.last_message = { id: next.id, direction: 'in', origin: 'contact', kind: 'text', status: 'received', preview: text };
      conversation.last_message_at = next.created_at;
      conversation.unread_count += 1;
    }
    this.event('message.created', 900, next.id);
    return next;
  }

  /** An id that no message has yet. */
  newId(): number {
    return Math.max(80_000, ...this.messages.map((each) => each.id)) + 1;
  }

  /** A message is there. */
  add(next: Message): void {
    this.messages.unshift(next);
    this.event('message.created', next.conversation_id, next.id);
  }

  /** Changes a message, as a status would. */
  change(id: number, part: Partial<Message>): void {
    const at = this.messages.findIndex((each) => each.id === id);
    const old = this.messages[at];
    if (old) this.messages[at] = { ...old, ...part };
    this.event('message.updated', old?.conversation_id ?? 900, id);
  }

  /** Tells of a change. */
  event(kind: string, conversation: number, entity: number): void {
    this.seq += 1;
    this.tell({ type: 'event', seq: `7.${this.seq}`, kind, conversation_id: conversation, entity_id: entity });
  }

  /** What the API would answer. */
  answer(method: string, url: URL, body = ''): MockAnswer {
    const path = url.pathname;
    if (body.includes('errada')) return problem(401, 'unauthenticated', 'E-mail or password do not match.');
    if (url.searchParams.get('q') === 'erro') return problem(503, 'unavailable', 'The database does not answer now: try again.');
    if (path === '/v1/sign-in' && method === 'DELETE') {
      this.signedIn = false;
      return { status: 204, body: undefined };
    }
    if (path.startsWith('/v1/sign-in') && method === 'POST') {
      this.signedIn = true;
      return ok(me, 201);
    }
    if (!this.signedIn) return problem(401, 'unauthenticated', 'Sign in first.');
    const jobs = jobsAnswer(this, method, path, body);
    if (jobs) return jobs;
    const views = viewsAnswer(this, method, url, body);
    if (views) return views;
    const bell = bellAnswer(this.bell, method, path, body);
    if (bell) return bell;
    if (path.endsWith('/presence')) return { status: 204, body: undefined };
    const read = /^\/v1\/conversations\/(\d+)\/read$/.exec(path);
    if (read) {
      const conversation = this.conversations.find((each) => each.id === Number(read[1]));
      if (conversation) conversation.unread_count = 0;
      return ok(withLists(conversation));
    }
    const person = this.people.answer(method, path, body, this.settings.labels, (id) => contactOf(this, id, this.#now));
    if (person) return person;
    const flow = this.flows.answer(method, path, body);
    if (flow) return flow;
    const desk = deskAnswer(this, method, path, body);
    if (desk) return desk;
    const written = writeOf(this, method, path, body);
    if (written) return written;
    const library = libraryAnswer(this.library, method, url, body);
    if (library) return library;
    const broadcasts = this.broadcasts.answer(method, url, body);
    if (broadcasts) return broadcasts;
    const webhooks = this.webhooks.answer(method, url, body);
    if (webhooks) return webhooks;
    const settings = settingsAnswer(this, method, url, body);
    if (settings) return settings;
    const hours = hoursAnswer(this.hours, method, url, body);
    if (hours) return hours;
    const texts = textsAnswer(this.texts, method, url, body);
    if (texts) return texts;
    const found = readOf(path);
    if (!found) return problem(404, 'not_found', 'There is no such operation.');
    return ok(found.answer({ api: this, now: this.#now, q: url.searchParams, id: found.ids[0] ?? 0, number: found.ids[1] ?? 0 }));
  }
}
