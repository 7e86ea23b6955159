import { beforeAll, describe, expect, it } from 'vitest';
import { i18next, showTexts } from '@/i18n';
import { noteText } from './system-notes';

describe('the words of a system line', () => {
  const pt = i18next.getFixedT('pt-BR');
  const en = i18next.getFixedT('en');

  beforeAll(async () => {
    await showTexts('en');
    await showTexts('pt-BR');
  });

  it('come from its code and its values, in the reader’s language', () => {
    const note = { code: 'no_edge', params: { node: 'Início', level: 'alert' } } as const;
    expect(noteText(pt, note, '')).toBe('--- Fluxo parado em “Início”: a saída não leva a lugar nenhum ---');
    expect(noteText(en, note, '')).toBe('--- Flow stopped at “Início”: the output leads nowhere ---');
    const refused = { code: 'field_long', params: { field: 'Plano', limit: '20' } } as const;
    expect(noteText(en, refused, '')).toBe('--- Field “Plano” not saved: the text is longer than 20 characters ---');
  });

  it('add until when, why and who did it, where a line about the desk knows', () => {
    const by = { code: 'ticket_closed', params: { by: 'Ana', reason: 'Resolvido' } } as const;
    expect(noteText(pt, by, '')).toBe('Atendimento encerrado: Resolvido · por Ana');
    expect(noteText(en, { code: 'ticket_closed' }, '')).toBe('Ticket closed');
    expect(noteText(pt, { code: 'ticket_transferred', params: { queue: 'Vendas' } }, '')).toBe('Transferido para Vendas');
    const snoozed = { code: 'ticket_snoozed', params: { reply: 'true', reason: 'pagamento' } } as const;
    expect(noteText(pt, snoozed, '')).toBe('Adiado até o contato responder: pagamento');
    const until = new Date(2026, 10, 30, 14, 30).toISOString();
    const said = noteText(pt, { code: 'ticket_snoozed', params: { until } }, '');
    expect(said).toMatch(/^Adiado até 30\/11\/2026,? 14:30$/);
  });

  it('say what was scheduled, for when, and why it was not sent (rules 171, 173)', () => {
    const at = new Date(2026, 11, 5, 9, 0).toISOString();
    const created = { code: 'scheduled_created', params: { what: 'template', name: 'lembrete', at, again: 'true', by: 'Ana' } } as const;
    expect(noteText(pt, created, '')).toMatch(/^Agendado: modelo lembrete para 05\/12\/2026,? 09:00, com repetição · por Ana$/);
    const skipped = { code: 'scheduled_skipped', params: { what: 'message', why: 'window.closed', by: 'Ana' } } as const;
    expect(noteText(pt, skipped, '')).toBe('Agendamento não enviado: mensagem · a janela de 24 horas está fechada: envie um modelo');
    expect(noteText(en, { code: 'scheduled_skipped', params: { what: 'flow', name: 'NPS', why: 'x' } }, '')).toBe('Schedule not sent: flow NPS · the content cannot be sent');
  });

  it('are rule 131’s, to the letter, where a template could not be sent', () => {
    for (const code of ['template_missing', 'template_paused', 'template_rejected'] as const) {
      expect(noteText(pt, { code }, '')).toBe('--- Mensagem template não enviada, verifique o fluxo ---');
    }
  });

  it('are the text where a row of before has one', () => {
    expect(noteText(en, { code: 'window_closed' }, '--- Fluxo parado ---')).toBe('--- Fluxo parado ---');
  });

  it('repeat nothing that a value asks for', () => {
    const note = { code: 'channel_notice', params: { type: '$t(systemNotes.no_edge) {{node}}' } } as const;
    expect(noteText(en, note, undefined)).toBe('The channel says: $t(systemNotes.no_edge) {{node}}');
  });
});
