import type { CannedResponse, Capabilities, Reads } from '../../api/types';
import { ago, me } from './people.ts';

/** Canned responses as a shop has them. */
export function cannedResponses(now: number): CannedResponse[] {
  const base = { files: [], author: { id: 1, name: 'Ana Ribeiro' }, created_at: ago(now, 9000), updated_at: ago(now, 900) };
  return [
    { ...base, id: 1, code: 'boas-vindas', text: 'Olá, {primeiro_nome}! Aqui é da {empresa}. Como posso ajudar?' },
    { ...base, id: 2, code: 'boleto', text: '{saudacao}, {primeiro_nome}! Segue a segunda via do seu boleto.' },
    { ...base, id: 3, code: 'horario', text: 'Atendemos de segunda a sábado, das 9h às 18h.' },
    { ...base, id: 4, code: 'cpf', text: 'O CPF do cadastro é {cpf}, certo?' },
  ];
}

/** People of the account. */
export const users: Reads['/v1/users']['data'] = [
  { id: me.user.id, name: me.user.name, email: me.user.email, role: 'admin', queue_ids: [1] },
  { id: 2, name: 'Bruno Castro', email: 'bruno@loja.example', role: 'user', queue_ids: [1] },
  { id: 3, name: 'Carla Nunes', email: 'carla@loja.example', role: 'supervisor', queue_ids: [2] },
];

/** What the WhatsApp channel can do, as far as the composer asks. */
export const capabilities: Capabilities = {
  provider: 'whatsapp_cloud',
  kinds: ['text', 'image', 'video', 'audio', 'voice', 'document', 'sticker', 'location', 'contacts', 'buttons', 'list', 'template', 'reaction'],
  media: {
    image: { mime_types: ['image/jpeg', 'image/png'], max_bytes: 5_242_880, caption: true },
    video: { mime_types: ['video/mp4', 'video/3gpp'], max_bytes: 16_777_216, caption: true },
    audio: { mime_types: ['audio/aac', 'audio/mpeg', 'audio/mp4', 'audio/ogg'], max_bytes: 16_777_216 },
    voice: { mime_types: ['audio/ogg'], max_bytes: 16_777_216 },
    document: { mime_types: ['application/pdf', 'text/plain'], max_bytes: 104_857_600, caption: true },
    sticker: { mime_types: ['image/webp'], max_bytes: 102_400 },
  },
  text_max: 4096,
  caption_max: 1024,
  body_max: 1024,
  buttons: { max: 3, title_max: 20 },
  list: { rows_max: 10, row_title_max: 24, button_max: 20 },
  carousel: {},
  products: {},
  templates: { body_max: 1024 },
  pace: {},
  reactions: true,
  replies: true,
};
