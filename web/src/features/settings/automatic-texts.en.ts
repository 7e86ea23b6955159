import type { automaticTexts as original } from './automatic-texts.pt-br';
import type { Translated } from '@/i18n/texts';

/** Texts of the page of automatic texts, in English. */
export const automaticTexts: Translated<typeof original> = {
  title: 'Automatic texts',
  lead: 'What goes out by itself, when and why. Each thing that happens sends one text at most, the most specific one.',
  account: 'Account',
  editAccount: 'Edit the account’s texts',
  editConnection: 'Texts of {{name}}',
  opens: 'Open tickets outside the opening hours',
  opensHint: 'On, people who write outside the hours enter the connection’s queue and get the text. Off, they get the text alone, and the message stays in the conversation.',
  empty: 'No connection yet',
  emptyHint: 'Write the account’s texts: they count for every connection that you add.',
  preview: 'What goes out on each connection',
  from: { user: 'the agent’s', connection: 'the connection’s', account: 'the account’s', none: 'none' },
  none: 'Nothing is sent.',
  variables: 'They take variables, like {nome} and {protocolo}. What has no value is left out. Nothing leaves with a closed window, to blocked people or in groups.',
  wayOf: '{{name}} on this connection',
  ways: { account: 'The account’s text', none: 'No text', own: 'Its own text' },
  kinds: {
    greeting: {
      name: 'Greeting',
      when: 'When a ticket opens by itself and waits for an agent, within the hours. Once a ticket.',
      example: 'Hello, {nome}! We will be with you soon. Protocol: {protocolo}.',
    },
    agent_greeting: { name: 'Agent’s greeting', when: 'When an agent accepts the ticket. Once a ticket.', example: 'Hello! I will help you from here.' },
    transfer: { name: 'Transfer', when: 'Every time the ticket moves from one queue or person to another.', example: 'We are passing you on to the right person.' },
    farewell: { name: 'Farewell', when: 'Stands in the field of whoever closes, to change or delete. The agent’s own closing text goes before it.', example: 'Thank you, {nome}!' },
    out_of_hours: {
      name: 'Outside the hours',
      when: 'When the contact writes while it is closed and no flow answers. Once in each closed time, and not while an agent talks with them.',
      example: 'We are closed now. We are here Monday to Friday, 8 to 18.',
    },
  },
};
