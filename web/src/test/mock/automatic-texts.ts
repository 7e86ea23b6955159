import type { AutomaticTextsPage, AutoText } from '../../api/types';
import type { MockAnswer } from './api.ts';

const KINDS: AutoText[] = ['greeting', 'agent_greeting', 'transfer', 'farewell', 'out_of_hours'];

/** Automatic texts: the account has some, the connection one of its own. */
export function freshTexts(): AutomaticTextsPage {
  return withPreview({
    out_of_hours_opens_tickets: false,
    texts: { greeting: 'Olá, {nome}! Já vamos atender você.', farewell: 'Obrigado pelo contato!' },
    connections: [
      { id: 1, name: 'Atendimento', texts: { farewell: 'Até logo, {nome}!' } },
      { id: 2, name: 'Vendas', texts: { greeting: '' } },
    ],
    preview: [],
  });
}

function withPreview(page: AutomaticTextsPage): AutomaticTextsPage {
  page.preview = page.connections.flatMap(({ id, texts }) =>
    KINDS.map((kind) => {
      const from = texts[kind] !== undefined ? 'connection' : page.texts[kind] !== undefined ? 'account' : 'none';
      return { kind, connection_id: id, text: texts[kind] ?? page.texts[kind] ?? '', from } as const;
    }),
  );
  return page;
}

/** The answer to a read or a change of automatic texts; undefined when it is none. */
export function textsAnswer(page: AutomaticTextsPage, method: string, url: URL, body: string): MockAnswer | undefined {
  if (url.pathname !== '/v1/automatic-texts') return undefined;
  if (method === 'PUT') {
    const change = JSON.parse(body) as { connection_id?: number; texts?: Record<string, string>; out_of_hours_opens_tickets?: boolean };
    const owner = change.connection_id === undefined ? page : page.connections.find(({ id }) => id === change.connection_id);
    if (owner && change.texts) owner.texts = change.texts;
    page.out_of_hours_opens_tickets = change.out_of_hours_opens_tickets ?? page.out_of_hours_opens_tickets;
  }
  return { status: 200, body: structuredClone(withPreview(page)) };
}
