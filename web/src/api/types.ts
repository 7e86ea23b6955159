/**
 * The names the console uses for the API's shapes. Every type comes from the generated schema: nothing is retyped here.
 */
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Connection = Schemas['Connection'];
export type ContactCard = Schemas['ContactCard'];
export type ContactDetail = Schemas['ContactDetail'];
export type Content = Schemas['Content'];
export type ContentHeader = Schemas['ContentHeader'];
export type ContentMedia = Schemas['ContentMedia'];
export type Conversation = Schemas['Conversation'];
export type Flow = Schemas['Flow'];
export type FlowRelease = Schemas['FlowRelease'];
export type FlowRun = Schemas['FlowRun'];
export type FlowRunDetail = Schemas['FlowRunDetail'];
export type FlowSummary = Schemas['FlowSummary'];
export type FlowVersion = Schemas['FlowVersion'];
export type Me = Schemas['Me'];
export type Media = Schemas['Media'];
export type Message = Schemas['Message'];
export type MessageRef = Schemas['MessageRef'];
export type Quarantined = Schemas['Quarantined'];
export type Template = Schemas['Template'];
