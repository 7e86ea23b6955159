// Made by `perene flow schema --typescript` of the engine's own structs. Do not change it by hand.

/** Text with Liquid: `{{ contact.name | default: 'você' }}`; `{nome}` is short for a name. */
export type Text = string
/** Text with Liquid that may name secrets: `{{ secret.NAME }}`. */
export type RequestText = string
/** An expr expression. */
export type Expression = string
/** A length of time such as `15m` or `1d12h`; a number counts seconds. */
export type Duration = string | number
/** An id or a name. */
export type Ref = string | number
export type JSONValue = string | number | boolean | null | JSONValue[] | { [key: string]: JSONValue }

export const specVersion = 1
export const maxNodes = 1000

/** A flow as it is stored, exported and drawn. */
export interface FlowDocument {
  /** Version of this specification */
  spec_version: number
  /** Id of the flow; set when it is stored */
  id?: string
  /** Id of the published version; empty in a draft */
  version?: string
  /** Name of the flow */
  name: string
  /** Where the flow is offered */
  category: 'initial' | 'closing' | 'manual' | 'scheduled'
  /** Language of the texts, a BCP 47 tag; pt-BR by default */
  language?: string
  /** Settings of the whole flow */
  settings?: FlowSettings
  /** Ways in */
  triggers?: FlowTrigger[]
  /** Variables of the flow */
  variables?: VariableSpec[]
  /** Node a run begins with */
  start: string
  /** The nodes */
  nodes: FlowNode[]
  /** Translations: language, node id, pointer into its settings, text */
  locales?: Record<string, Record<string, Record<string, string>>>
  /** Layout; the engine ignores it */
  ui?: JSONValue
}

export type FlowTriggerKind = 'inbound' | 'keyword' | 'button' | 'manual' | 'api' | 'closing' | 'scheduled'
/** One way in. */
export type FlowTrigger = { id: string; node?: string } & (
  | { kind: 'inbound'; settings?: InboundTrigger }
  | { kind: 'keyword'; settings?: KeywordTrigger }
  | { kind: 'button'; settings?: ButtonTrigger }
  | { kind: 'manual'; settings?: Record<string, never> }
  | { kind: 'api'; settings?: Record<string, never> }
  | { kind: 'closing'; settings?: Record<string, never> }
  | { kind: 'scheduled'; settings?: Record<string, never> }
)

export type FlowNodeKind = 'action' | 'close' | 'condition' | 'content' | 'end' | 'hours' | 'http' | 'jump' | 'loop' | 'menu' | 'note' | 'question' | 'set_variable' | 'split' | 'subflow' | 'switch' | 'template' | 'wait' | 'webhook'
/** What every node has. */
export interface FlowNodeBase {
  /** Stable for the life of the node. */
  id: string
  name?: string
  /** Output → id of the node it leads to. */
  outputs?: Record<string, string>
}
/** Labels, fills a field, notes, sets the priority, and opens the conversation for service. */
export interface ActionNode extends FlowNodeBase {
  kind: 'action'
  settings: ActionSettings
}
/** Closes the service with a text and a reason, records its number, and ends the flow. */
export interface CloseNode extends FlowNodeBase {
  kind: 'close'
  settings: CloseSettings
}
/** Goes by true or false as rules with AND and OR, or an expression, say. */
export interface ConditionNode extends FlowNodeBase {
  kind: 'condition'
  settings: ConditionSettings
}
/** Sends messages in order: texts, files, places, cards, buttons, a list, a link, a carousel, products, and Save. */
export interface ContentNode extends FlowNodeBase {
  kind: 'content'
  settings: ContentSettings
}
/** Ends the flow with an outcome. */
export interface EndNode extends FlowNodeBase {
  kind: 'end'
  settings: EndSettings
}
/** Goes by open, closed or holiday as the hours of the queue, connection or account say. */
export interface HoursNode extends FlowNodeBase {
  kind: 'hours'
  settings: HoursSettings
}
/** Asks another system and stores the answer, with retries and an idempotency key. The flows of an account ask one host 10 times a second, after 20 at once; others wait for their turn. */
export interface HttpNode extends FlowNodeBase {
  kind: 'http'
  settings: HttpSettings
}
/** Goes to another node of this flow or hands the contact to another flow. */
export interface JumpNode extends FlowNodeBase {
  kind: 'jump'
  settings: JumpSettings
}
/** Repeats for each item of a list, up to a limit. */
export interface LoopNode extends FlowNodeBase {
  kind: 'loop'
  settings: LoopSettings
}
/** Shows options and goes by the one chosen: typed number, button, list, title or synonym. */
export interface MenuNode extends FlowNodeBase {
  kind: 'menu'
  settings: MenuSettings
}
/** Writes a note into the conversation that only the team reads, and tells those it names. */
export interface NoteNode extends FlowNodeBase {
  kind: 'note'
  settings: NoteSettings
}
/** Asks, checks the answer (CPF, CNPJ, CEP, date, number…), asks again if need be, and stores it. */
export interface QuestionNode extends FlowNodeBase {
  kind: 'question'
  settings: QuestionSettings
}
/** Gives variables values: a text, an expression, a date, a random number, an item of a list. */
export interface SetVariableNode extends FlowNodeBase {
  kind: 'set_variable'
  settings: SetVariableSettings
}
/** Divides contacts by weight; each contact always goes the same way. */
export interface SplitNode extends FlowNodeBase {
  kind: 'split'
  settings: SplitSettings
}
/** Runs another flow with inputs and outputs, and comes back. */
export interface SubflowNode extends FlowNodeBase {
  kind: 'subflow'
  settings: SubflowSettings
}
/** Goes by the first case that fits a value. */
export interface SwitchNode extends FlowNodeBase {
  kind: 'switch'
  settings: SwitchSettings
}
/** Sends an approved template, also with the window closed, and may wait for its quick reply. */
export interface TemplateNode extends FlowNodeBase {
  kind: 'template'
  settings: TemplateSettings
}
/** Waits for a while, a date, a clock time, opening hours, or the contact's reply. */
export interface WaitNode extends FlowNodeBase {
  kind: 'wait'
  settings: WaitSettings
}
/** Tells another system and goes on without waiting. */
export interface WebhookNode extends FlowNodeBase {
  kind: 'webhook'
  settings: WebhookSettings
}
export type FlowNode =
  | ActionNode
  | CloseNode
  | ConditionNode
  | ContentNode
  | EndNode
  | HoursNode
  | HttpNode
  | JumpNode
  | LoopNode
  | MenuNode
  | NoteNode
  | QuestionNode
  | SetVariableNode
  | SplitNode
  | SubflowNode
  | SwitchNode
  | TemplateNode
  | WaitNode
  | WebhookNode

/** Settings of the kind action. */
export interface ActionSettings {
  /** Done in order */
  actions: Action[]
}

/** Settings of the kind close. */
export interface CloseSettings {
  /** What the contact reads last */
  text?: Text
  /** Closing reason of the account */
  reason?: Ref
  /** Start the closing flow afterwards */
  closing_flow?: boolean
}

/** Settings of the kind condition. */
export interface ConditionSettings {
  /** How many rules must hold; all by default */
  match?: 'all' | 'any'
  /** The rules */
  rules?: Rule[]
}

/** Settings of the kind content. */
export interface ContentSettings {
  /** Wrong answers before the output invalid; 3 by default */
  attempts?: number
  /** Said after a wrong answer; {{ typed }} is what the contact wrote, {{ attempts_left }} how many tries are left, {{ reason }} the engine's own words */
  invalid_text?: Text
  /** Said when the contact asks for help */
  help_text?: Text
  /** How long the contact has to reply */
  timeout?: Duration
  /** Nudges while the contact has not replied */
  reminders?: Reminder[]
  /** Pause that ends a burst of messages read as one answer */
  debounce?: Duration
  /** Variable that gets the answer */
  save_to?: string
  /** Contact field that gets the answer */
  field?: string
  /** What is sent, in order */
  items: ContentItem[]
}

/** Settings of the kind end. */
export interface EndSettings {
  /** How it ended, in one word; completed by default */
  outcome?: string
  /** Record the service as a closed ticket; not at the end of a sub-flow */
  close_ticket?: boolean
}

/** Settings of the kind hours. */
export interface HoursSettings {
  /** Whose hours; connection by default */
  of?: 'queue' | 'connection' | 'account'
  /** The queue or connection */
  id?: Ref
}

/** Settings of the kind http. */
export interface HttpSettings {
  /** Method; GET by default */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'
  /** Address, https */
  url: RequestText
  /** Added to the address */
  query?: NamedText[]
  /** Added to the request */
  headers?: NamedText[]
  /** Kind of body; the one that is filled in by default */
  body_kind?: 'none' | 'json' | 'form' | 'raw'
  /** JSON body; its texts may hold variables */
  json?: JSONValue
  /** Form fields */
  form?: NamedText[]
  /** Body as text */
  raw?: RequestText
  /** Type of a raw body */
  content_type?: string
  /** For one attempt; 10s by default */
  timeout?: Duration
  /** How the call is repeated */
  retry?: RetrySettings
  /** Send an Idempotency-Key header */
  idempotency_key?: boolean
  /** Follow redirects within the address's own origin */
  follow_redirects?: boolean
  /** Store parts of the answer */
  save?: Mapping[]
  /** Variable that gets the status */
  save_status?: string
  /** Variable that gets the whole body */
  save_body?: string
}

/** Settings of the kind jump. */
export interface JumpSettings {
  /** Where to go on */
  node?: string
  /** The flow that takes over */
  flow?: Ref
  /** Handed to the other flow */
  inputs?: Record<string, Text>
}

/** Settings of the kind loop. */
export interface LoopSettings {
  /** Variable that holds the list */
  list: string
  /** Variable that gets the item */
  item: string
  /** Variable that gets its number, from 1 */
  index?: string
  /** Most items walked; 50 by default */
  max?: number
}

/** Settings of the kind menu. */
export interface MenuSettings {
  /** Wrong answers before the output invalid; 3 by default */
  attempts?: number
  /** Said after a wrong answer; {{ typed }} is what the contact wrote, {{ attempts_left }} how many tries are left, {{ reason }} the engine's own words */
  invalid_text?: Text
  /** Said when the contact asks for help */
  help_text?: Text
  /** How long the contact has to reply */
  timeout?: Duration
  /** Nudges while the contact has not replied */
  reminders?: Reminder[]
  /** Pause that ends a burst of messages read as one answer */
  debounce?: Duration
  /** Variable that gets the answer */
  save_to?: string
  /** Contact field that gets the answer */
  field?: string
  /** Body of the menu */
  text: Text
  /** Line above the body */
  header?: Text
  /** Small line below the body */
  footer?: Text
  /** Picture, video or document above the body */
  header_media?: HeaderSource
  /** The options; each has an output */
  options?: ChoiceOption[]
  /** Where the options come from; options by default */
  source?: 'options' | 'queues' | 'list'
  /** List variable of source list */
  dynamic?: ListSource
  /** Typed number, or buttons and list */
  style?: 'text' | 'list'
  /** Word that opens the list */
  button?: Text
}

/** Settings of the kind note. */
export interface NoteSettings {
  /** What agents read */
  text: Text
  /** Agent whom the note names */
  agent?: Text
  /** Queue that the note names */
  queue?: Text
}

/** Settings of the kind question. */
export interface QuestionSettings {
  /** Wrong answers before the output invalid; 3 by default */
  attempts?: number
  /** Said after a wrong answer; {{ typed }} is what the contact wrote, {{ attempts_left }} how many tries are left, {{ reason }} the engine's own words */
  invalid_text?: Text
  /** Said when the contact asks for help */
  help_text?: Text
  /** How long the contact has to reply */
  timeout?: Duration
  /** Nudges while the contact has not replied */
  reminders?: Reminder[]
  /** Pause that ends a burst of messages read as one answer */
  debounce?: Duration
  /** Variable that gets the answer */
  save_to?: string
  /** Contact field that gets the answer */
  field?: string
  /** What is expected; text by default */
  type?: 'text' | 'number' | 'email' | 'phone' | 'cpf' | 'cnpj' | 'cpf_cnpj' | 'cep' | 'date' | 'time' | 'yes_no' | 'choice' | 'multiple_choice' | 'rating' | 'file' | 'image' | 'audio' | 'video' | 'location' | 'any'
  /** Shortest text */
  min_length?: number
  /** Longest text */
  max_length?: number
  /** Regular expression (RE2) a text must match */
  pattern?: string
  /** Smallest number */
  min?: number
  /** Largest number */
  max?: number
  /** Whole numbers only */
  whole?: boolean
  /** First date or time allowed */
  earliest?: Text
  /** Last date or time allowed */
  latest?: Text
  /** Fewest options */
  at_least?: number
  /** Most options */
  at_most?: number
  /** Types of files taken */
  mime?: string[]
  /** Largest file */
  max_bytes?: number
  /** Take several files (an album); the answer is a list; with debounce 5s where none is set */
  several?: boolean
  /** The question */
  text: Text
  /** File sent before the question */
  media?: MediaSource
  /** The choices */
  options?: ChoiceOption[]
  /** Choices made of a list variable */
  dynamic?: ListSource
  /** How choices are shown */
  style?: 'text' | 'list'
  /** Word that opens the list */
  button?: Text
  /** Do not ask when the value is known */
  skip_if_set?: boolean
}

/** Settings of the kind set_variable. */
export interface SetVariableSettings {
  /** Done in order */
  assignments: Assignment[]
}

/** Settings of the kind split. */
export interface SplitSettings {
  /** The ways to go */
  branches: Branch[]
  /** The same way every time for one contact; true by default */
  sticky?: boolean
  /** Variable that gets the branch */
  save_to?: string
}

/** Settings of the kind subflow. */
export interface SubflowSettings {
  /** The flow that is run */
  flow: Ref
  /** Fill the other flow's inputs */
  inputs?: Record<string, Text>
  /** Its variable → our variable */
  outputs?: Record<string, string>
  /** Outcomes with an output of their own */
  outcomes?: string[]
}

/** Settings of the kind switch. */
export interface SwitchSettings {
  /** What is looked at */
  value: Text
  /** Tried in order */
  cases: Case[]
}

/** Settings of the kind template. */
export interface TemplateSettings {
  /** Wrong answers before the output invalid; 3 by default */
  attempts?: number
  /** Said after a wrong answer; {{ typed }} is what the contact wrote, {{ attempts_left }} how many tries are left, {{ reason }} the engine's own words */
  invalid_text?: Text
  /** Said when the contact asks for help */
  help_text?: Text
  /** How long the contact has to reply */
  timeout?: Duration
  /** Nudges while the contact has not replied */
  reminders?: Reminder[]
  /** Pause that ends a burst of messages read as one answer */
  debounce?: Duration
  /** Variable that gets the answer */
  save_to?: string
  /** Contact field that gets the answer */
  field?: string
  /** Name of the template */
  name: string
  /** Language code of the template; pt_BR by default */
  language?: string
  /** Parameters of the body by name or number */
  params?: Record<string, Text>
  /** Parameter of a text header */
  header_text?: Text
  /** File of a media header */
  header_media?: MediaSource
  /** Place of a location header */
  header_location?: LocationSource
  /** Parameters of dynamic buttons by index */
  buttons?: Record<string, Text>
  /** Quick replies to wait for; each has an output */
  replies?: TemplateReply[]
  /** Wait until the provider has taken it */
  confirm?: boolean
}

/** Settings of the kind wait. */
export interface WaitSettings {
  /** Wrong answers before the output invalid; 3 by default */
  attempts?: number
  /** Said after a wrong answer; {{ typed }} is what the contact wrote, {{ attempts_left }} how many tries are left, {{ reason }} the engine's own words */
  invalid_text?: Text
  /** Said when the contact asks for help */
  help_text?: Text
  /** How long the contact has to reply */
  timeout?: Duration
  /** Nudges while the contact has not replied */
  reminders?: Reminder[]
  /** Pause that ends a burst of messages read as one answer */
  debounce?: Duration
  /** Variable that gets the answer */
  save_to?: string
  /** Contact field that gets the answer */
  field?: string
  /** What is waited for; duration by default */
  mode?: 'duration' | 'until' | 'clock' | 'hours' | 'reply'
  /** How long */
  duration?: Duration
  /** Instant or date, usually a variable */
  until?: Text
  /** Added to the instant, for example -1d or 2h */
  offset?: string
  /** Time of day HH:MM */
  clock?: string
  /** Days of the week, 0 is Sunday */
  weekdays?: number[]
  /** Whose hours; connection by default */
  of?: 'queue' | 'connection' | 'account'
  /** The queue or connection */
  id?: Ref
  /** A message of the contact ends the wait */
  cancel_on_reply?: boolean
  /** Leave by cancelled if this holds at the end */
  cancel_if?: Expression
}

/** Settings of the kind webhook. */
export interface WebhookSettings {
  /** Receiver; empty means the account's webhooks */
  url?: RequestText
  /** Name of the event */
  event: string
  /** Added to the request */
  headers?: NamedText[]
  /** What is told */
  data?: JSONValue
}

export interface FlowSettings {
  /** Edges of outputs that have none: output, node id; * is every output */
  defaults?: Record<string, string>
  /** What a message does that comes while the run waits for something else; keep by default */
  inbound?: 'keep' | 'interrupt'
  /** Where an interrupting message leads */
  interrupt_to?: string
  /** Whether the message that started the run is the first answer too; trigger by default */
  first_message?: 'trigger' | 'answer'
  /** Words that lead to a node while the run waits for a reply or a time */
  commands?: Command[]
  /** Ends a run that has lived so long */
  expire_after?: Duration
  /** How long a run that cannot go on waits for an operator; 24h by default */
  stuck_for?: Duration
  /** Time-out of waits for a reply that set none; 24h by default */
  reply_timeout?: Duration
  /** Hours in which reminders wait, such as 22:00-08:00, by the account's clock */
  quiet_hours?: string
  /** Show 'typing' before each message */
  typing?: boolean
  /** Pause between messages of one visit */
  pace?: Duration
  /** Mark the contact's messages as read when the run takes them */
  mark_read?: boolean
}

export interface VariableSpec {
  /** Its name */
  name: string
  /** Its type; any by default */
  type: 'text' | 'number' | 'boolean' | 'date' | 'time' | 'instant' | 'list' | 'object' | 'media' | 'any'
  /** Value at the start of a run */
  default?: JSONValue
  /** May be handed in (API, manual start, parent flow) */
  input?: boolean
  /** Handed back by a sub-flow */
  output?: boolean
  /** A start without this input is refused */
  required?: boolean
  /** What people call it */
  label?: string
}

export interface InboundTrigger {
  /** Only on these connections */
  connections?: Ref[]
  /** Inside or outside opening hours; any by default */
  hours?: 'any' | 'inside' | 'outside'
  /** Queue whose hours count */
  queue?: Ref
  /** On which messages; any by default */
  on?: 'any' | 'first_contact' | 'first_of_day'
  /** Shortest time between two starts */
  guard?: Duration
}

export interface KeywordTrigger {
  /** Only on these connections */
  connections?: Ref[]
  /** Inside or outside opening hours; any by default */
  hours?: 'any' | 'inside' | 'outside'
  /** Queue whose hours count */
  queue?: Ref
  /** The keywords */
  words: string[]
  /** How a keyword is found; equals by default */
  match?: 'equals' | 'contains' | 'starts' | 'regex'
}

export interface ButtonTrigger {
  /** Only on these connections */
  connections?: Ref[]
  /** Inside or outside opening hours; any by default */
  hours?: 'any' | 'inside' | 'outside'
  /** Queue whose hours count */
  queue?: Ref
  /** Payloads; a final * stands for the rest */
  payloads: string[]
}

export interface Action {
  /** What to do */
  do: 'add_label' | 'remove_label' | 'set_field' | 'clear_field' | 'note' | 'priority' | 'open_ticket'
  /** The label */
  label?: Text
  /** The contact's field */
  field?: string
  /** Its value */
  value?: Text
  /** The note's text */
  text?: Text
  /** When the note is due */
  due?: Text
  /** The priority */
  priority?: 'low' | 'normal' | 'high' | 'urgent'
  /** How the ticket is opened */
  mode?: 'unassigned' | 'queue' | 'agent' | 'random' | 'sequential' | 'last_agent'
  /** The queue */
  queue?: Text
  /** The agent */
  agent?: Text
  /** Queue when there is no last agent */
  fallback_queue?: Text
  /** Only agents who are online */
  online_only?: boolean
  /** Do not prefer the default agent */
  ignore_default_agent?: boolean
  /** What the contact reads when the ticket is open, such as {{ ticket.protocol }} and {{ ticket.position }} */
  announce?: Text
  /** Go on after the ticket has closed */
  suspend?: boolean
}

export interface Rule {
  /** What is looked at */
  variable?: string
  /** The comparison */
  op?: 'equal' | 'not_equal' | 'contains' | 'not_contains' | 'starts_with' | 'ends_with' | 'greater' | 'greater_or_equal' | 'less' | 'less_or_equal' | 'between' | 'in' | 'not_in' | 'is_set' | 'is_empty' | 'is_true' | 'is_false' | 'matches' | 'not_matches' | 'any_word' | 'all_words' | 'is_number' | 'is_email' | 'is_phone' | 'is_date' | 'has_label' | 'has_no_label'
  /** What it is compared with */
  value?: Text
  /** Upper end of between */
  value2?: Text
  /** Keep accents and case apart */
  exact?: boolean
  /** A condition in expr */
  expression?: Expression
  /** A group of rules */
  group?: RuleGroup
}

export interface Reminder {
  /** Time since the question */
  after: Duration
  /** What is said */
  text: Text
}

export interface ContentItem {
  /** What it is */
  kind: 'text' | 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker' | 'location' | 'contact' | 'buttons' | 'list' | 'cta_url' | 'location_request' | 'carousel' | 'product' | 'product_list' | 'catalog' | 'save'
  /** Message, caption, body or question */
  text?: Text
  /** Line above the body */
  header?: Text
  /** Small line below the body */
  footer?: Text
  /** Picture, video or document above the body of buttons or a link */
  header_media?: HeaderSource
  /** Preview the first link */
  preview_url?: boolean
  /** The file */
  media?: MediaSource
  /** The place */
  location?: LocationSource
  /** The cards */
  contacts?: CardSource[]
  /** Buttons or rows */
  options?: ChoiceOption[]
  /** Rows made of a list variable */
  dynamic?: ListSource
  /** Word on the button */
  button?: Text
  /** Where the link leads */
  url?: Text
  /** Cards of a carousel, two at least */
  cards?: CarouselCard[]
  /** The item */
  product?: ProductSource
  /** The items */
  products?: ProductsSource
  /** Id of the item whose picture the catalogue shows */
  thumbnail?: Text
  /** How the answer is checked and stored */
  save?: SaveSource
}

export interface NamedText {
  /** The name */
  name: string
  /** The value */
  value: RequestText
}

export interface RetrySettings {
  /** Tries, the first included; 3 by default */
  attempts?: number
  /** Pause before the second try; 1s by default */
  first?: Duration
  /** Longest pause; 30s by default */
  max?: Duration
  /** Statuses worth another try */
  statuses?: number[]
}

export interface Mapping {
  /** The variable */
  to: string
  /** JSONPath into the body */
  path?: string
  /** An expression; it sees body, status and headers */
  expression?: Expression
  /** Converts the value */
  type?: 'text' | 'number' | 'boolean' | 'date' | 'list'
  /** An answer without this path leaves by missing, else by failed; on by default for a list */
  required?: boolean
}

export interface HeaderSource {
  /** What the file is */
  kind: 'image' | 'video' | 'document'
  /** The file */
  media: MediaSource
}

export interface ChoiceOption {
  /** Names the output and the answer */
  id: string
  /** What the contact sees */
  title: Text
  /** Second line of a list row */
  description?: Text
  /** Other words that mean this option */
  synonyms?: string[]
  /** What the variable gets; the title by default */
  value?: JSONValue
  /** Comes back on a tap, also weeks later */
  payload?: string
  /** Title of the list section */
  section?: string
}

export interface ListSource {
  /** Variable that holds the list */
  from: string
  /** Key of the title */
  title?: string
  /** Key of the description */
  description?: string
  /** Key of the id */
  id?: string
  /** How many items are shown at a time; more of them are on further pages; 10 by default */
  max?: number
}

export interface MediaSource {
  /** File of the library */
  id?: string
  /** Address of the file */
  url?: Text
  /** Variable or field that holds the file */
  variable?: string
  /** Name the contact sees */
  filename?: Text
  /** Type of the file, for checks */
  mime?: string
  /** Size in bytes, for checks */
  size?: number
}

export interface Assignment {
  /** The variable */
  name: string
  /** Where the value comes from; value by default */
  op?: 'value' | 'expression' | 'append' | 'increment' | 'now' | 'today' | 'tomorrow' | 'yesterday' | 'random_id' | 'random_number' | 'pick' | 'pop' | 'shift' | 'clear'
  /** The value */
  value?: Text
  /** An expression in expr */
  expression?: Expression
  /** The list to take from */
  from?: string
  /** first, last, random or a number from 1 */
  which?: Text
  /** Smallest random number */
  min?: number
  /** Largest random number */
  max?: number
  /** Converts the value */
  type?: 'text' | 'number' | 'boolean' | 'date' | 'list'
}

export interface Branch {
  /** Names the output */
  id: string
  /** Shown in the designer */
  label?: string
  /** The branch's share */
  weight: number
}

export interface Case {
  /** Names the output */
  id: string
  /** Shown in the designer */
  label?: string
  /** The comparison; equal by default */
  op?: 'equal' | 'not_equal' | 'contains' | 'not_contains' | 'starts_with' | 'ends_with' | 'greater' | 'greater_or_equal' | 'less' | 'less_or_equal' | 'between' | 'in' | 'not_in' | 'is_set' | 'is_empty' | 'is_true' | 'is_false' | 'matches' | 'not_matches' | 'any_word' | 'all_words' | 'is_number' | 'is_email' | 'is_phone' | 'is_date'
  /** What it is compared with */
  values?: Text[]
  /** Keep accents and case apart */
  exact?: boolean
}

export interface LocationSource {
  /** Degrees north */
  latitude: Text
  /** Degrees east */
  longitude: Text
  /** Name of the place */
  name?: Text
  /** Its address */
  address?: Text
}

export interface TemplateReply {
  /** Names the output */
  id: string
  /** Place of the button, from 0 */
  index: number
  /** Text of the button */
  title?: Text
  /** Comes back on a tap, also weeks later */
  payload?: string
}

export interface Command {
  /** The words, accents and case folded */
  words: string[]
  /** Where they lead */
  node: string
}

export interface RuleGroup {
  /** How many rules must hold; all by default */
  match?: 'all' | 'any'
  /** The rules */
  rules?: Rule[]
}

export interface CardSource {
  /** Name on the card */
  name: Text
  /** Phone numbers */
  phones?: Text[]
  /** E-mail addresses */
  emails?: Text[]
  /** Company */
  org?: Text
  /** Postal addresses */
  addresses?: CardPlace[]
  /** Web addresses */
  urls?: Text[]
  /** Birthday, YYYY-MM-DD */
  birthday?: Text
}

export interface CarouselCard {
  /** What the file of the card is; the same for all cards; image by default */
  kind?: 'image' | 'video'
  /** Picture or video of the card */
  media: MediaSource
  /** Text of the card, of three lines at most */
  text?: Text
  /** Word on the button */
  button: Text
  /** Where the link leads */
  url: Text
}

export interface ProductSource {
  /** Id of the catalogue */
  catalog_id: Text
  /** Id that the catalogue gives the item */
  product_id: Text
}

export interface ProductsSource {
  /** Id of the catalogue */
  catalog_id: Text
  /** Groups of items; 30 items in all */
  sections: ProductGroup[]
}

export interface SaveSource {
  /** What is expected; text by default */
  type?: 'text' | 'number' | 'email' | 'phone' | 'cpf' | 'cnpj' | 'cpf_cnpj' | 'cep' | 'date' | 'time' | 'yes_no' | 'file' | 'image' | 'audio' | 'video' | 'location'
  /** Contact field that gets the answer */
  field?: string
  /** Variable that gets the answer */
  save_to?: string
}

export interface CardPlace {
  /** Street and number */
  street?: Text
  /** City */
  city?: Text
  /** State */
  state?: Text
  /** Postal code */
  zip?: Text
  /** Country */
  country?: Text
}

export interface ProductGroup {
  /** Title of the group; needed where there are several */
  title?: Text
  /** Ids of the items; a variable with a list stands for all of its items */
  product_ids: Text[]
}

export interface FlowKindInfo {
  family: 'message' | 'ask' | 'logic' | 'service' | 'data'
  label: { 'pt-BR': string; en: string }
  doc: { 'pt-BR': string; en: string }
}
/** The kinds by name, for the palette. */
export const flowKinds: Record<FlowNodeKind, FlowKindInfo> = {
  action: {
    family: 'service',
    label: { 'pt-BR': 'Ação', en: 'Action' },
    doc: { 'pt-BR': 'Etiqueta, preenche campo, anota, prioriza e abre a conversa para atendimento.', en: 'Labels, fills a field, notes, sets the priority, and opens the conversation for service.' },
  },
  close: {
    family: 'service',
    label: { 'pt-BR': 'Encerrar', en: 'Close' },
    doc: { 'pt-BR': 'Encerra o atendimento com texto e motivo, registra o protocolo e termina o fluxo.', en: 'Closes the service with a text and a reason, records its number, and ends the flow.' },
  },
  condition: {
    family: 'logic',
    label: { 'pt-BR': 'Condição', en: 'Condition' },
    doc: { 'pt-BR': 'Segue por verdadeiro ou falso conforme regras com E e OU, ou uma expressão.', en: 'Goes by true or false as rules with AND and OR, or an expression, say.' },
  },
  content: {
    family: 'message',
    label: { 'pt-BR': 'Conteúdo', en: 'Content' },
    doc: { 'pt-BR': 'Envia mensagens em ordem: textos, arquivos, localização, contato, botões, lista, link, carrossel, produtos e Salvar.', en: 'Sends messages in order: texts, files, places, cards, buttons, a list, a link, a carousel, products, and Save.' },
  },
  end: {
    family: 'logic',
    label: { 'pt-BR': 'Fim', en: 'End' },
    doc: { 'pt-BR': 'Encerra o fluxo com um resultado.', en: 'Ends the flow with an outcome.' },
  },
  hours: {
    family: 'logic',
    label: { 'pt-BR': 'Horário de atendimento', en: 'Business hours' },
    doc: { 'pt-BR': 'Segue por aberto, fechado ou feriado conforme o expediente da fila, da conexão ou da conta.', en: 'Goes by open, closed or holiday as the hours of the queue, connection or account say.' },
  },
  http: {
    family: 'data',
    label: { 'pt-BR': 'Requisição HTTP', en: 'HTTP request' },
    doc: { 'pt-BR': 'Consulta outro sistema e guarda a resposta, com novas tentativas e chave de idempotência. Os fluxos da conta fazem a um mesmo host 10 pedidos por segundo, depois de 20 de uma vez; os outros esperam a vez.', en: 'Asks another system and stores the answer, with retries and an idempotency key. The flows of an account ask one host 10 times a second, after 20 at once; others wait for their turn.' },
  },
  jump: {
    family: 'logic',
    label: { 'pt-BR': 'Ir para', en: 'Go to' },
    doc: { 'pt-BR': 'Vai para outro nó deste fluxo ou entrega o contato a outro fluxo.', en: 'Goes to another node of this flow or hands the contact to another flow.' },
  },
  loop: {
    family: 'logic',
    label: { 'pt-BR': 'Laço', en: 'Loop' },
    doc: { 'pt-BR': 'Repete para cada item de uma lista, com limite.', en: 'Repeats for each item of a list, up to a limit.' },
  },
  menu: {
    family: 'ask',
    label: { 'pt-BR': 'Menu', en: 'Menu' },
    doc: { 'pt-BR': 'Mostra opções e segue pela escolhida: número digitado, botão, lista, título ou sinônimo.', en: 'Shows options and goes by the one chosen: typed number, button, list, title or synonym.' },
  },
  note: {
    family: 'service',
    label: { 'pt-BR': 'Nota interna', en: 'Internal note' },
    doc: { 'pt-BR': 'Escreve na conversa uma nota que só a equipe lê, e avisa quem for citado.', en: 'Writes a note into the conversation that only the team reads, and tells those it names.' },
  },
  question: {
    family: 'ask',
    label: { 'pt-BR': 'Pergunta', en: 'Question' },
    doc: { 'pt-BR': 'Pergunta, confere a resposta (CPF, CNPJ, CEP, data, número…), repete se preciso e guarda.', en: 'Asks, checks the answer (CPF, CNPJ, CEP, date, number…), asks again if need be, and stores it.' },
  },
  set_variable: {
    family: 'logic',
    label: { 'pt-BR': 'Definir variável', en: 'Set variable' },
    doc: { 'pt-BR': 'Dá valores a variáveis: texto, expressão, data, número aleatório, item de lista.', en: 'Gives variables values: a text, an expression, a date, a random number, an item of a list.' },
  },
  split: {
    family: 'logic',
    label: { 'pt-BR': 'Sorteio A/B', en: 'A/B split' },
    doc: { 'pt-BR': 'Divide os contatos por peso; cada contato segue sempre o mesmo caminho.', en: 'Divides contacts by weight; each contact always goes the same way.' },
  },
  subflow: {
    family: 'logic',
    label: { 'pt-BR': 'Subfluxo', en: 'Sub-flow' },
    doc: { 'pt-BR': 'Executa outro fluxo com entradas e saídas e volta.', en: 'Runs another flow with inputs and outputs, and comes back.' },
  },
  switch: {
    family: 'logic',
    label: { 'pt-BR': 'Escolha', en: 'Switch' },
    doc: { 'pt-BR': 'Segue pelo primeiro caso que combina com um valor.', en: 'Goes by the first case that fits a value.' },
  },
  template: {
    family: 'message',
    label: { 'pt-BR': 'Mensagem template', en: 'Template message' },
    doc: { 'pt-BR': 'Envia um modelo aprovado, mesmo com a janela fechada, e pode esperar a resposta rápida.', en: 'Sends an approved template, also with the window closed, and may wait for its quick reply.' },
  },
  wait: {
    family: 'logic',
    label: { 'pt-BR': 'Espera', en: 'Wait' },
    doc: { 'pt-BR': 'Espera um tempo, uma data, um horário, o expediente abrir ou a resposta do contato.', en: "Waits for a while, a date, a clock time, opening hours, or the contact's reply." },
  },
  webhook: {
    family: 'data',
    label: { 'pt-BR': 'Webhook', en: 'Webhook' },
    doc: { 'pt-BR': 'Avisa outro sistema e segue sem esperar.', en: 'Tells another system and goes on without waiting.' },
  },
}
/** The linter's codes with their severity. */
export const flowProblemCodes = {
  agent_unknown: 'error',
  body_kind_missing: 'error',
  body_kind_open: 'error',
  button_title_long: 'warning',
  caption_dropped: 'warning',
  caption_long: 'warning',
  card_text_long: 'warning',
  cards_few: 'error',
  cards_mixed: 'error',
  case_duplicate: 'warning',
  category_unknown: 'error',
  channel_lacks: 'hint',
  choice_not_last: 'error',
  command_duplicate: 'warning',
  command_hides_option: 'warning',
  connection_unknown: 'error',
  contact_field_maybe_empty: 'hint',
  document_not_json: 'error',
  document_shape: 'error',
  document_too_large: 'error',
  expression_invalid: 'error',
  fallback_no_edge: 'warning',
  field_format: 'warning',
  field_unknown: 'warning',
  file_unknown: 'error',
  flow_input_missing: 'warning',
  flow_input_unknown: 'warning',
  flow_node_unknown: 'error',
  flow_outcome_unknown: 'warning',
  flow_output_unknown: 'warning',
  flow_unknown: 'error',
  header_media_before: 'hint',
  header_name: 'error',
  http_no_timeout: 'hint',
  http_retry_unsafe: 'warning',
  json_path: 'error',
  keyword_duplicate: 'warning',
  keyword_short: 'hint',
  keyword_taken: 'warning',
  kind_unknown: 'error',
  label_unknown: 'warning',
  last_agent_no_fallback: 'warning',
  list_rows_many: 'warning',
  locale_node_unknown: 'warning',
  locale_pointer: 'warning',
  loop_endless: 'error',
  loop_not_list: 'warning',
  loop_over_limit: 'hint',
  loop_without_wait: 'warning',
  media_size: 'warning',
  media_type: 'warning',
  messages_in_row: 'warning',
  name_missing: 'error',
  no_handoff: 'hint',
  no_nodes: 'error',
  node_duplicate: 'error',
  node_id: 'error',
  node_unknown: 'error',
  node_unreachable: 'warning',
  open_ticket_not_last: 'error',
  option_duplicate: 'error',
  option_id: 'error',
  option_reserved: 'error',
  option_word_duplicate: 'warning',
  outcome_reserved: 'warning',
  output_duplicate: 'error',
  output_no_edge: 'warning',
  output_unknown: 'error',
  pattern_invalid: 'error',
  pattern_too_large: 'error',
  patterns_too_large: 'error',
  payload_duplicate: 'warning',
  products_many: 'warning',
  queue_archived: 'error',
  queue_unknown: 'error',
  quiet_hours: 'error',
  range_empty: 'warning',
  raw_json_type: 'warning',
  reason_unknown: 'error',
  reminder_never: 'warning',
  reply_untitled: 'hint',
  row_title_long: 'warning',
  rules_too_deep: 'error',
  secret_plain: 'warning',
  secret_unknown: 'error',
  section_untitled: 'warning',
  setting_enum: 'error',
  setting_ignored: 'hint',
  setting_missing: 'error',
  setting_range: 'error',
  setting_shape: 'error',
  setting_too_many: 'error',
  setting_unknown: 'warning',
  skip_without_store: 'warning',
  spec_version_unknown: 'error',
  start_missing: 'error',
  synonym_number: 'warning',
  template_beyond: 'error',
  template_no_edge: 'hint',
  template_not_approved: 'warning',
  template_param_missing: 'error',
  template_param_unknown: 'warning',
  template_reply_unknown: 'error',
  template_unknown: 'error',
  text_invalid: 'error',
  text_loops_deep: 'error',
  text_over_limit: 'warning',
  text_range: 'error',
  text_too_long: 'error',
  timeout_no_edge: 'warning',
  title_number: 'warning',
  too_many: 'error',
  too_many_nodes: 'error',
  translation_missing: 'warning',
  trigger_id: 'error',
  trigger_kind: 'error',
  until_fixed: 'error',
  url_host_open: 'warning',
  url_not_https: 'warning',
  url_private: 'warning',
  url_scheme: 'error',
  value_is_text: 'warning',
  variable_maybe_empty: 'warning',
  variable_maybe_field: 'hint',
  variable_name: 'error',
  variable_path: 'error',
  variable_type: 'error',
  variable_type_other: 'warning',
  variable_unknown: 'warning',
  variable_unused: 'hint',
  weight_zero: 'hint',
  weights_zero: 'error',
  window_risk: 'warning',
} as const
export type FlowProblemCode = keyof typeof flowProblemCodes
/** Operators with the number of values they take; -1 is a list. */
export const flowOperators = {
  equal: 1,
  not_equal: 1,
  contains: 1,
  not_contains: 1,
  starts_with: 1,
  ends_with: 1,
  greater: 1,
  greater_or_equal: 1,
  less: 1,
  less_or_equal: 1,
  between: 2,
  in: -1,
  not_in: -1,
  is_set: 0,
  is_empty: 0,
  is_true: 0,
  is_false: 0,
  matches: 1,
  not_matches: 1,
  any_word: -1,
  all_words: -1,
  is_number: 0,
  is_email: 0,
  is_phone: 0,
  is_date: 0,
  has_label: 1,
  has_no_label: 1,
} as const
export type FlowOperator = keyof typeof flowOperators
/** The filters that texts may use. */
export const flowFilters = [
  'abs',
  'add_days',
  'append',
  'as_text',
  'at_least',
  'at_most',
  'capitalize',
  'ceil',
  'cep',
  'cnpj',
  'compact',
  'cpf',
  'currency',
  'date',
  'default',
  'digits',
  'divided_by',
  'downcase',
  'escape_json',
  'first',
  'first_word',
  'floor',
  'join',
  'json',
  'last',
  'map',
  'mask',
  'minus',
  'modulo',
  'number',
  'phone',
  'plus',
  'prepend',
  'remove',
  'replace',
  'reverse',
  'round',
  'size',
  'slice',
  'sort',
  'split',
  'strip',
  'strip_html',
  'times',
  'title',
  'truncate',
  'uniq',
  'upcase',
  'url_encode',
  'where',
  'yes_no',
] as const
