/**
 * The names the console uses for the API's shapes. Every type comes from the generated schema: nothing is retyped here.
 */
import type { components, paths } from './schema.gen';

type Schemas = components['schemas'];

export type Broadcast = Schemas['Broadcast'];
export type BroadcastAudience = Schemas['BroadcastAudience'];
export type BroadcastPreview = Schemas['BroadcastPreview'];
export type BroadcastSample = Schemas['BroadcastSample'];
export type BroadcastRecipient = Schemas['BroadcastRecipient'];
export type BroadcastRow = Schemas['BroadcastRow'];
export type BroadcastState = Broadcast['state'];
export type BroadcastPart = BroadcastRecipient['part'];
export type BroadcastReason = NonNullable<Broadcast['reason']>;
export type BroadcastReply = Broadcast['on_reply'];
export type LeftOut = Schemas['BroadcastWhy']['why'];
export type BulkJob = Schemas['BulkJob'];
export type CannedResponse = Schemas['CannedResponse'];
export type AutomaticTextsPage = Schemas['AutomaticTextsPage'];
export type AutoText = Schemas['AutomaticTextPreview']['kind'];
export type CalendarHours = Schemas['CalendarHours'];
export type HoursDay = Schemas['Day'];
export type HoursPage = Schemas['HoursPage'];
export type OwnedCalendar = Schemas['OwnedCalendar'];
export type Period = Schemas['Period'];
export type LibraryFile = Schemas['LibraryFile'];
export type LibraryFolder = Schemas['LibraryFolder'];
export type Capabilities = Schemas['Capabilities'];
export type Agent = Schemas['Agent'];
export type ClosingReason = Schemas['ClosingReason'];
export type Webhook = Schemas['Webhook'];
export type NewWebhook = Schemas['NewWebhook'];
export type WebhookDelivery = Schemas['WebhookDelivery'];
export type Survey = Schemas['Survey'];
export type SurveyAnswer = Schemas['SurveyAnswer'];
export type SurveyScore = Schemas['SurveyScore'];
export type SurveyRule = Schemas['SurveyRule']['on_closing'];
export type Connection = Schemas['Connection'];
export type ContactCard = Schemas['ContactCard'];
export type ContactDetail = Schemas['ContactDetail'];
export type Contact = Schemas['Contact'];
export type ContactNote = Schemas['ContactNote'];
export type Content = Schemas['Content'];
export type ContentHeader = Schemas['ContentHeader'];
export type ContentMedia = Schemas['ContentMedia'];
export type Conversation = Schemas['Conversation'];
export type CustomField = Schemas['CustomField'];
export type Draft = Schemas['Draft'];
export type Notification = Schemas['Notification'];
export type Filter = Schemas['Filter'];
export type Flow = Schemas['Flow'];
export type FlowRelease = Schemas['FlowRelease'];
export type FlowRun = Schemas['FlowRun'];
export type FlowRunDetail = Schemas['FlowRunDetail'];
export type FlowSummary = Schemas['FlowSummary'];
/** A conversation with a draft, as the server played it. */
export type Simulation = Schemas['Simulation'];
/** One thing that happens in it. */
export type SimulationStep = Schemas['SimulationStep'];
/** What surrounds it. */
export type SimulationWorld = Schemas['SimulationWorld'];
/** What another system answers in it. */
export type SimulationAnswer = Schemas['SimulationAnswer'];
/** A message that the draft would send. */
export type SimulatedMessage = Schemas['SimulatedMessage'];
/** A request that no other system gets. */
export type SimulatedCall = Schemas['SimulatedCall'];
export type FlowVersion = Schemas['FlowVersion'];
export type Label = Schemas['Label'];
export type Me = Schemas['Me'];
export type Media = Schemas['Media'];
export type Message = Schemas['Message'];
export type MessageRef = Schemas['MessageRef'];
export type PersonRef = Schemas['PersonRef'];
export type Profile = Schemas['Profile'];
export type Quarantined = Schemas['Quarantined'];
export type Quota = Schemas['Quota'];
export type Queue = Schemas['Queue'];
export type SavedView = Schemas['SavedView'];
export type Scheduled = Schemas['ScheduledMessage'];
export type StartedConversation = Schemas['StartedConversation'];
export type SystemNote = Schemas['ContentSystemNote'];
export type Template = Schemas['Template'];
export type TicketAnswer = Schemas['TicketAnswer'];
export type TicketDetail = Schemas['TicketDetail'];
export type TicketSummary = Schemas['Ticket'];
export type User = Schemas['User'];

// The contract's closed lists. A table of the console has one entry for each value, so that a value without words or without
// a picture does not compile.
export type ActorKind = Schemas['ActorRef']['kind'];
export type BulkAction = BulkJob['action'];
export type ConnectionState = Connection['state'];
export type ContentKind = Content['kind'];
export type EndReason = NonNullable<FlowRun['end_reason']>;
export type FieldEntity = CustomField['entity'];
export type FieldKind = CustomField['kind'];
export type FilterField = NonNullable<Filter['field']>;
export type FilterOp = NonNullable<Filter['op']>;
export type FlowCategory = Flow['category'];
export type FlowRunStatus = FlowRun['status'];
export type IdentityKind = ContactDetail['identities'][number]['kind'];
export type InCharge = Conversation['in_charge'];
export type MessageStatus = Message['status'];
export type NoteCode = SystemNote['code'];
export type ScheduledKind = Scheduled['kind'];
export type ScheduledState = Scheduled['state'];
export type Sharing = SavedView['sharing'];
export type OnClosing = CustomField['on_closing'];
export type Origin = Message['origin'];
export type Outcome = NonNullable<FlowRun['outcome']>;
export type QuarantineCode = Quarantined['code'];
export type QuarantineElement = Quarantined['element'];
export type Role = Me['user']['role'];
export type Severity = Flow['problems'][number]['severity'];
export type StartKind = NonNullable<FlowRunDetail['started_by']['kind']>;
export type TicketEventKind = Schemas['TicketEvent']['kind'];
export type TicketRule = NonNullable<Schemas['TicketEvent']['rule']>;
export type TicketState = NonNullable<Conversation['ticket']>['state'];
export type WaitKind = NonNullable<FlowRun['wait_kind']>;
export type View = Conversation['lists'][number];
export type ViewCounts = Schemas['ConversationCounts'];
export type WindowState = Conversation['window_state'];
export type Priority = Conversation['priority'];

/** What the API answers to a read, by its path. */
export type Reads = {
  [Path in keyof paths as paths[Path] extends { get: { responses: { 200: { content: object } } } } ? Path : never]: paths[Path] extends {
    get: { responses: { 200: { content: { 'application/json': infer Body } } } };
  }
    ? Body
    : never;
};
