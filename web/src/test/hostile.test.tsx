import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { render } from '@testing-library/react';
import type { Content, Media } from '@/api/types';
import { MessageContent } from '@/features/inbox/content/message-content';
import { renderApp } from './app';
import payloads from './hostile.json';

afterEach(() => vi.unstubAllGlobals());

const DRAWN = new Set('a abbr article aside audio blockquote br button circle code datalist details dd div dl dt em fieldset footer form g h1 h2 h3 header hr img input kbd label legend li line main mark nav ol option p path polygon polyline pre rect s section select source span strong sub summary sup svg textarea time ul video ellipse'.split(' '));
const SAFE = /^(https?:|mailto:|tel:|blob:|\/|#)/i;

/** No word of a payload became an element, an attribute that acts, or an address that runs. */
function expectHarmless(root: ParentNode): void {
  expect((window as { pwned?: unknown }).pwned).toBeUndefined();
  for (const element of root.querySelectorAll('*')) {
    expect([...DRAWN]).toContain(element.localName);
    for (const { name, value } of element.attributes) {
      expect(name).not.toMatch(/^on|^srcdoc$|^formaction$|^contenteditable$/i);
      if (['href', 'src', 'action', 'poster', 'data'].includes(name)) expect(value).toMatch(SAFE);
      if (name === 'style') expect(value).not.toMatch(/url\(|javascript|inset/i);
    }
  }
}

const file: Media = { id: 1, state: 'stored', kind: 'document', mime_type: 'application/pdf', filename: '', url: '/v1/media/1/content', created_at: '2026-11-30T12:00:00Z' };

/** Everything a message can say, with the payload wherever people choose the words. */
function contentsWith(text: string): Content[] {
  return [
    { kind: 'text', text },
    { kind: 'image', media: { media_id: 1, mime_type: 'image/png', caption: text, filename: text } },
    { kind: 'video', media: { media_id: 1, mime_type: 'video/mp4', caption: text } },
    { kind: 'document', media: { media_id: 1, mime_type: 'application/pdf', filename: text, caption: text } },
    { kind: 'location', location: { latitude: -23.5, longitude: -46.6, name: text, address: text } },
    { kind: 'contacts', contacts: [{ name: { formatted: text }, phones: [{ phone: text }], emails: [{ email: text }], org: { company: text }, urls: [{ url: text }] }] },
    { kind: 'buttons', text, footer: text, header: { kind: 'text', text }, buttons: [{ id: text, title: text }] },
    { kind: 'list', text, list: { button: text, sections: [{ title: text, rows: [{ id: text, title: text, description: text }] }] } },
    { kind: 'cta_url', text, cta: { title: text, url: text } } as unknown as Content,
    { kind: 'template', text, header: { kind: 'text', text }, template: { name: text, language: 'pt_BR' } },
    { kind: 'tap', tap: { source: 'button_reply', id: text, title: text } },
    { kind: 'order', text, order: { items: [{ product_id: text, quantity: 1, price: 1, currency: 'BRL' }] } },
    { kind: 'form_reply', form_reply: { text, data: {} } } as unknown as Content,
    { kind: 'unsupported', text, unsupported: { type: text, code: 1 } },
  ];
}

describe('hostile texts', () => {
  it('are a hundred and fifty, each another one', () => expect(new Set(payloads).size).toBe(150));

  it('stay texts in every kind of message', () => {
    for (const payload of payloads) {
      const { container, unmount } = render(
        <>
          {contentsWith(payload).map((content) => (
            <div key={content.kind} data-kind={content.kind}>
              <MessageContent content={content} file={{ ...file, filename: payload }} sender={payload} />
            </div>
          ))}
        </>,
      );
      expectHarmless(container);
      // What has no marks of its own is shown to the letter.
      expect(container.querySelector('[data-kind="location"]')).toHaveTextContent(payload.replace(/\s+/g, ' ').trim());
      unmount();
    }
  });

  it('stay texts in the rows of the list: names, previews, queues, agents and labels', async () => {
    const { container } = renderApp('/conversas?visao=todos', (api) => {
      const first = api.conversations[0]!;
      api.conversations.length = 0;
      for (let at = 0; at < 15; at += 1) {
        const words = payloads.slice(at * 10, at * 10 + 10).join(' ');
        api.conversations.push({
          ...first,
          id: 3000 + at,
          number: 3000 + at,
          contact: { ...first.contact, id: 4000 + at, name: words },
          last_message: { id: 1, direction: 'in', origin: 'contact', kind: 'text', status: 'received', preview: words },
          labels: [{ id: 1, name: words, color: '#0f766e' }],
          ticket: { id: 9, protocol: '20261130000001', state: 'open', origin: 'receptive', opened_at: '2026-11-30T12:00:00Z', opened_by: { kind: 'contact', name: words }, queue: { id: 1, name: words, color: '#0f766e' }, agent: { id: 2, name: words }, write_locked: false },
        });
      }
    });
    await waitFor(() => expect(container.querySelectorAll('[data-conversation]')).toHaveLength(15));
    expectHarmless(container);
    for (const row of container.querySelectorAll('[data-conversation]')) {
      const at = Number(row.getAttribute('data-conversation')) - 3000;
      expect(row.textContent.replace(/\s+/g, ' ')).toContain(payloads.slice(at * 10, at * 10 + 10).join(' ').replace(/\s+/g, ' ').trim());
    }
  });

  it.each([
    ['etiquetas', 'Etiquetas', 'labels'],
    ['motivos', 'Motivos de fechamento', 'closing-reasons'],
    ['filas', 'Filas', 'queues'],
    ['respostas', 'Respostas rápidas', 'canned-responses'],
  ] as const)('stay texts in the settings: %s', async (section, title, kind) => {
    const { container } = renderApp(`/ajustes?secao=${section}`, (api) => {
      const things = api.settings[kind] as { id: number; name?: string; code?: string; text?: string }[];
      const first = things[0]!;
      things.length = 0;
      for (let at = 0; at < 15; at += 1) {
        const words = payloads.slice(at * 10, at * 10 + 10).join(' ');
        things.push({ ...first, id: at + 1, ...(first.name === undefined ? { code: words, text: words } : { name: words }) });
      }
    });
    const list = await screen.findByRole('list', { name: title });
    await waitFor(() => expect(within(list).getAllByRole('listitem')).toHaveLength(15));
    expectHarmless(container);
    expect(list).toHaveTextContent('<script>window.pwned=1</script>');
  });
});
