import type { Content, Media, Message } from '../../api/types';
import { ago, message } from './people.ts';

type Extra = Partial<Message>;

/** A timeline that shows every kind of content and every status. */
export function messages(now: number): Message[] {
  let id = 80_000;
  const all: Message[] = [];
  const add = (minutes: number, content: Content, extra: Extra = {}) => {
    id += 1;
    all.push(message(id, { content, created_at: ago(now, minutes), ...extra }));
    return id;
  };
  const bot = (status: Message['status'], minutes: number, extra: Extra = {}): Extra => ({
    direction: 'out',
    origin: 'bot',
    status,
    attempts: 1,
    flow_run_id: 42,
    provider_message_id: 'wamid.HBgNNTUxMTk4MTIzNDU2NxUCABEYEjZDRTdBRjM2',
    accepted_at: ago(now, minutes),
    ...(['sent', 'delivered', 'read', 'played'].includes(status) && { sent_at: ago(now, minutes) }),
    ...(['delivered', 'read', 'played'].includes(status) && { delivered_at: ago(now, minutes) }),
    ...(['read', 'played'].includes(status) && { read_at: ago(now, minutes) }),
    ...extra,
  });
  const file = (n: number, kind: string, mime: string, part: Partial<Media> = {}): Media => ({
    id: n,
    state: 'stored',
    kind,
    mime_type: mime,
    filename: '',
    url: `/v1/media/${n}/content`,
    created_at: ago(now, 60),
    ...part,
  });

  add(1500, { kind: 'text', text: 'Boa tarde, comprei uma cafeteira aí na semana passada' });
  add(1499, { kind: 'text', text: 'Olá, Marina! 👋 Sou a *assistente da Loja Exemplo*.\nComo posso ajudar?' }, bot('read', 1499));
  add(1498, { kind: 'system_note', text: '', system_note: { code: 'identity_changed' } }, { direction: 'system', origin: 'system' });
  add(1496, { kind: 'text', text: 'Oi Marina, aqui é o Bruno. Vou verificar com o estoque e te aviso, tá?' }, { ...bot('read', 1496), origin: 'agent', author: { id: 2, name: 'Bruno Castro' } });
  add(1495, { kind: 'text', text: 'Cliente antiga, compra todo mês. _Priorizar._' }, { direction: 'note', origin: 'agent', author: { id: 2, name: 'Bruno Castro' } });
  add(1490, { kind: 'text', text: 'Respondi pelo celular: a peça chega *amanhã*.' }, { ...bot('delivered', 1490), origin: 'phone' });

  const oi = add(64, { kind: 'text', text: 'Oi' });
  const menu = add(
    63,
    {
      kind: 'buttons',
      text: 'Olá de novo, Marina! Sobre o que você quer falar hoje?',
      footer: 'Loja Exemplo · seg a sáb, 9h às 18h',
      buttons: [
        { id: 'pedido', title: 'Meu pedido' },
        { id: 'boleto', title: '2ª via do boleto' },
        { id: 'gente', title: 'Falar com alguém' },
      ],
    },
    bot('read', 63),
  );
  add(62, { kind: 'tap', tap: { source: 'button_reply', id: 'pedido', title: 'Meu pedido' }, reply_to: { message_id: menu } });
  add(61, { kind: 'text', text: 'Seu pedido *#20931* está assim:\n- Separado ✅\n- Nota emitida ✅\n- Em transporte 🚚\n\nAcompanhe em https://loja.exemplo/pedidos/20931?ref=zap_perene' }, bot('read', 61));
  const photo = add(58, { kind: 'image', media: { media_id: 1, mime_type: 'image/jpeg', caption: 'chegou assim 😕', width: 800, height: 600 } }, { media: file(1, 'image', 'image/jpeg') });
  add(58, { kind: 'reaction', reaction: { target: { message_id: photo }, emoji: '😢' } }, { ...bot('read', 58) });
  add(57, { kind: 'voice', media: { media_id: 2, mime_type: 'audio/ogg; codecs=opus', voice: true, duration_ms: 9000 } }, { media: file(2, 'voice', 'audio/ogg') });
  add(56, { kind: 'document', media: { media_id: 3, mime_type: 'application/pdf', filename: 'nota-fiscal-20931.pdf', size: 284_112 } }, { media: file(3, 'document', 'application/pdf', { filename: 'nota-fiscal-20931.pdf', size: 284_112 }) });
  add(55, { kind: 'location', location: { latitude: -23.56168, longitude: -46.65598, name: 'MASP', address: 'Av. Paulista, 1578 - Bela Vista, São Paulo' } });
  add(54, { kind: 'contacts', contacts: [{ name: { formatted: 'Paulo (marido)' }, phones: [{ phone: '+5511987654321' }], org: { company: 'Oficina Paulo' } }] });
  add(53, { kind: 'sticker', media: { media_id: 4, mime_type: 'image/webp' } }, { media: file(4, 'sticker', 'image/webp') });
  add(
    50,
    {
      kind: 'list',
      text: 'Qual o motivo da troca?',
      list: {
        button: 'Ver motivos',
        sections: [{ title: 'Produto', rows: [{ id: 'quebrado', title: 'Chegou quebrado', description: 'Fotos ajudam' }, { id: 'errado', title: 'Veio errado' }] }],
      },
    },
    bot('delivered', 50),
  );
  add(48, { kind: 'order', order: { items: [{ product_id: 'filtro-103', quantity: 2, price: 18.9, currency: 'BRL' }, { product_id: 'cafe-500g', quantity: 1, price: 42.5, currency: 'BRL' }] } });
  add(47, { kind: 'text', text: 'e isto aqui, vocês têm?', reply_to: { message_id: oi } });
  add(46, { kind: 'unsupported', unsupported: { type: 'poll_creation', code: 131051 } });
  add(45, { kind: 'deleted' });
  add(40, { kind: 'image', media: { media_id: 9, mime_type: 'image/jpeg' } }, { media: file(9, 'image', 'image/jpeg', { state: 'pending', url: '' }) });
  add(30, { kind: 'text', text: 'O fluxo parou' }, { direction: 'system', origin: 'system', content: { kind: 'system_note', text: '', system_note: { code: 'template_missing', params: { node: 'Oferta', level: 'alert' } } } });
  add(20, { kind: 'template', text: 'Olá Marina! Temos *20% de desconto* em cafés esta semana.', template: { name: 'oferta_semana', language: 'pt_BR', category: 'marketing' } }, bot('retrying', 20, { origin: 'broadcast', error: { code: 131049, detail: 'This message was not delivered to maintain healthy ecosystem engagement.' }, retry_at: ago(now, -60 * 23), retries: 1, temporal_url: 'http://127.0.0.1:8233/namespaces/perene/workflows/retry%2F80026' }));
  add(18, { kind: 'text', text: 'Marina, confirma se o endereço é o mesmo?' }, bot('failed', 18, { origin: 'agent', author: { id: 2, name: 'Bruno Castro' }, failed_at: ago(now, 18), error: { code: 131026, detail: 'Message undeliverable.' } }));
  add(16, { kind: 'text', text: 'Pode me mandar uma foto da etiqueta?' }, bot('unconfirmed', 16));
  add(12, { kind: 'text', text: 'Assim que responder, seguimos por aqui 😉' }, bot('held', 12));
  add(5, { kind: 'text', text: 'Perfeito, obrigada! 😊' });
  add(3, { kind: 'text', text: 'Foi um prazer! Posso ajudar em algo mais?' }, bot('sent', 3));
  add(1, { kind: 'text', text: 'Sua troca foi registrada.' }, bot('queued', 1, { accepted_at: undefined as never }));
  return all.sort((a, b) => b.id - a.id);
}
