import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { expectAccessible, forgetPreferences, renderApp } from '@/test/app';
import { preferences } from '@/app/preferences';
import { me } from '@/test/mock/people';
import { keyOf } from './field-key';

afterEach(() => {
  vi.unstubAllGlobals();
  forgetPreferences();
});

const rows = (list: string) => within(screen.getByRole('list', { name: list })).getAllByRole('listitem');
const names = (list: string) => rows(list).map((row) => within(row).getByRole('button', { name: /^Mover / }).getAttribute('aria-label')?.replace('Mover ', ''));

describe('settings', () => {
  it.each(['filas', 'etiquetas', 'campos', 'motivos', 'avaliacoes'])('show %s with a sentence about them, in the address, and pass axe', async (section) => {
    const { container } = renderApp(`/ajustes?secao=${section}`);
    expect((await screen.findAllByRole('button', { name: /^Arquivar / })).length).toBeGreaterThan(1);
    expect(screen.getByRole('navigation', { name: 'Seções dos ajustes' }).querySelector('[aria-current=page]')).toHaveAttribute('href', `/ajustes?secao=${section}`);
    await expectAccessible(container);
  });

  it.each([
    ['filas', 'Fila Suporte'],
    ['etiquetas', 'Etiqueta Cliente fiel'],
    ['campos', 'Campo Último pedido'],
    ['motivos', 'Motivo Resolvido'],
    ['avaliacoes', 'Avaliação Atendimento'],
  ])('open a form of %s with a sentence for each field (rule 244), which passes axe', async (section, title) => {
    renderApp(`/ajustes?secao=${section}&abrir=1`);
    const dialog = await screen.findByRole('dialog', { name: title });
    for (const field of within(dialog).getAllByRole('textbox')) if (field.getAttribute('name') !== 'color') expect(field).toHaveAccessibleDescription();
    for (const field of within(dialog).queryAllByRole('checkbox')) expect(field).toHaveAccessibleDescription();
    await expectAccessible(dialog);
  });

  it('show limits with their use, the fullest first, and say what happens near one (S16)', async () => {
    const { container } = renderApp('/ajustes?secao=limites');
    const all = within(await screen.findByRole('list', { name: 'Limites' })).getAllByRole('listitem');
    expect(all[0]).toHaveTextContent(/Itens em quarentena.*no limite.*5\.000 de 5\.000.*há mais tempo é descartado.*descartado por falta de lugar: 1\.250/);
    expect(all[1]).toHaveTextContent(/Etiquetas.*quase no limite.*1\.764 de 2\.000.*o que for novo é recusado/);
    expect(screen.getByRole('meter', { name: 'Arquivos enviados e não usados, por usuário' })).toBeInTheDocument();
    expect(screen.getByRole('meter', { name: 'Tamanho da quarentena' })).toHaveAttribute('aria-valuetext', '31 MB de 128 MB');
    expect(screen.getByText('Usuários').closest('li')).not.toHaveTextContent('limite');
    await expectAccessible(container);
  });

  it('are for administrators: others see their profile alone', async () => {
    const { router } = renderApp('/ajustes?secao=filas', (api) => {
      const answer = api.answer.bind(api);
      api.answer = (method, url, body) =>
        url.pathname === '/v1/sign-in' ? { status: 200, body: { ...me, permissions: ['conversations:read'] } } : answer(method, url, body);
    });
    expect(await screen.findByRole('heading', { level: 2, name: 'Meu perfil' })).toBeVisible();
    expect(screen.queryByRole('link', { name: 'Filas' })).toBeNull();
    expect(router.state.location.pathname).toBe('/ajustes');
  });

  it('keep the connection that one writes by (rule 246)', async () => {
    const { api } = renderApp('/ajustes?secao=perfil');
    const user = userEvent.setup();
    const choice = await screen.findByRole('combobox', { name: 'Conexão padrão' });
    await user.selectOptions(choice, 'Atendimento · +55 81 3333-0000');
    await waitFor(() => expect(api.profile.default_connection_id).toBe(1));
  });

  it('keep the closing text of one’s own profile, and blank removes it (rule 155)', async () => {
    const user = userEvent.setup();
    const { api, container } = renderApp('/ajustes');
    const text = await screen.findByRole('textbox', { name: 'Texto de encerramento' });
    expect(text).toHaveValue('Obrigado pelo contato, {nome}!');
    await expectAccessible(container);
    await user.clear(text);
    await user.type(text, 'Até logo!');
    await user.click(screen.getByRole('button', { name: 'Salvar' }));
    await waitFor(() => expect(api.profile.closing_text).toBe('Até logo!'));
    await user.clear(text);
    await user.click(await screen.findByRole('button', { name: 'Salvar' }));
    await waitFor(() => expect(api.profile.closing_text).toBe(''));
  });

  it('set what Enter does, what follows an answer, and whether a voice note is heard first', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/ajustes');
    await user.click(await screen.findByRole('radio', { name: 'Quebra a linha' }));
    await user.click(screen.getByRole('radio', { name: 'Fecha' }));
    await user.click(screen.getByRole('radio', { name: 'Ouvir antes' }));
    expect(preferences()).toMatchObject({ enterSends: false, afterSend: 'close', confirmAudio: true });
    await waitFor(() => expect(api.profile.preferences).toMatchObject({ enter_sends: false, after_send: 'close', audio_confirmation: true }));
  });

  it('set for how long an answer can be taken back, and whether messages are heard, on the server (rule 238)', async () => {
    const user = userEvent.setup();
    const { api, container } = renderApp('/ajustes');
    await user.selectOptions(await screen.findByRole('combobox', { name: 'Desfazer o envio' }), '5 segundos');
    const sounds = within(screen.getByRole('group', { name: 'Som de mensagem nova' }));
    await user.click(sounds.getByRole('radio', { name: 'Desligado' }));
    await waitFor(() => expect(api.profile.preferences).toMatchObject({ send_delay_seconds: 5, sounds: false }));
    expect(screen.getByText(/Por quantos segundos uma resposta espera antes de sair/)).toBeVisible();
    await expectAccessible(container);
  });

  it('make a queue with its members, its lock and its lease (rules 030, 031)', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/ajustes?secao=filas');
    await user.click(await screen.findByRole('button', { name: 'Nova fila' }));
    const dialog = await screen.findByRole('dialog', { name: 'Nova fila' });
    await waitFor(() => expect(within(dialog).getByRole('textbox', { name: 'Nome' })).toHaveFocus());
    await user.keyboard('Pós-venda');
    await user.click(within(dialog).getByRole('radio', { name: 'Rosa' }));
    await user.click(within(dialog).getByRole('combobox', { name: 'Quem é da fila' }));
    await user.click(await screen.findByRole('option', { name: /Bruno Castro/ }));
    await user.keyboard('{Escape}');
    await user.click(within(dialog).getByRole('checkbox', { name: 'Só quem atende escreve' }));
    await user.type(within(dialog).getByRole('spinbutton', { name: /^Prazo da atribuição/ }), '45');
    await user.click(within(dialog).getByRole('button', { name: 'Salvar' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(api.settings.queues.at(-1)).toMatchObject({ name: 'Pós-venda', color: '#db2777', members: [2], write_lock: true, lease_minutes: 45, bot_order: 4 });
    expect(await screen.findByRole('button', { name: 'Arquivar Pós-venda' })).toBeVisible();
  });

  it('say at the field, in the reader’s language, that a name is taken', async () => {
    const user = userEvent.setup();
    renderApp('/ajustes?secao=motivos&abrir=novo');
    const dialog = await screen.findByRole('dialog', { name: 'Novo motivo' });
    await user.type(within(dialog).getByRole('textbox', { name: 'Nome' }), 'resolvido');
    await user.click(within(dialog).getByRole('button', { name: 'Salvar' }));
    expect(await within(dialog).findByText('Já existe um item com este nome.')).toBeVisible();
    expect(within(dialog).getByRole('textbox', { name: 'Nome' })).toBeInvalid();
  });

  it('order queues by the keyboard, say where each is, and keep the focus on it', async () => {
    const user = userEvent.setup();
    const { requests } = renderApp('/ajustes?secao=filas');
    await screen.findByRole('list', { name: 'Filas' });
    expect(names('Filas')).toEqual(['Suporte', 'Financeiro', 'Vendas']);
    screen.getByRole('button', { name: 'Mover Suporte' }).focus();
    await user.keyboard('{ArrowDown}{ArrowDown}');
    await waitFor(() => expect(names('Filas')).toEqual(['Financeiro', 'Vendas', 'Suporte']));
    expect(screen.getByText('Suporte: lugar 3 de 3')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Mover Suporte' })).toHaveFocus();
    await waitFor(() => expect(requests.filter((each) => each === 'PUT /v1/queues/order')).toHaveLength(2));
  });

  it('archive at once, and the toast takes it back', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/ajustes?secao=etiquetas');
    await user.click(await screen.findByRole('button', { name: 'Arquivar Troca' }));
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Arquivar Troca' })).toBeNull());
    await user.click(await screen.findByRole('button', { name: 'Desfazer' }));
    expect(await screen.findByRole('button', { name: 'Arquivar Troca' })).toBeVisible();
    expect(api.settings.labels.every((label) => label.archived_at === undefined)).toBe(true);
  });

  it('restore what was archived before', async () => {
    const user = userEvent.setup();
    renderApp('/ajustes?secao=motivos', (api) => {
      const reason = api.settings['closing-reasons'][2];
      if (reason) reason.archived_at = '2026-11-01T12:00:00Z';
    });
    await screen.findByRole('button', { name: 'Arquivar Resolvido' });
    await user.click(screen.getByText('Arquivados'));
    await user.click(await screen.findByRole('button', { name: 'Restaurar Engano' }));
    expect(await screen.findByRole('button', { name: 'Arquivar Engano' })).toBeVisible();
  });

  it('teach by example where there is nothing yet (rule 264)', async () => {
    renderApp('/ajustes?secao=filas', (api) => {
      api.settings.queues.length = 0;
    });
    expect(await screen.findByText(/“Atendimento”, “Suporte Técnico”, “Financeiro” ou “Vendas”/)).toBeVisible();
  });

  it('make a key of a field’s name, until somebody writes it', async () => {
    const user = userEvent.setup();
    const { api } = renderApp('/ajustes?secao=campos&abrir=novo');
    const dialog = await screen.findByRole('dialog', { name: 'Novo campo' });
    await user.type(within(dialog).getByRole('textbox', { name: 'Nome' }), 'Tamanho do calçado');
    expect(within(dialog).getByRole('textbox', { name: 'Chave' })).toHaveValue('tamanho_do_calcado');
    await user.selectOptions(within(dialog).getByRole('combobox', { name: 'Tipo' }), 'Lista');
    await user.type(within(dialog).getByRole('textbox', { name: 'Opções' }), '36{Enter}37');
    await user.selectOptions(within(dialog).getByRole('combobox', { name: 'Ao fechar o atendimento' }), 'Pergunta, obrigatório');
    await user.click(within(dialog).getByRole('button', { name: 'Salvar' }));
    await waitFor(() =>
      expect(api.settings['custom-fields'].at(-1)).toMatchObject({ key: 'tamanho_do_calcado', kind: 'list', options: ['36', '37'], on_closing: 'required' }),
    );
    expect(keyOf('2ª via — Ação!')).toBe('via_acao');
  });

  it('are read again when somebody else changed them', async () => {
    const { api } = renderApp('/ajustes?secao=motivos');
    await screen.findByRole('button', { name: 'Arquivar Resolvido' });
    const reason = api.settings['closing-reasons'][0];
    if (reason) reason.name = 'Tudo certo';
    api.event('settings.updated', 0, 1);
    expect(await screen.findByRole('button', { name: 'Arquivar Tudo certo' })).toBeVisible();
  });

  it('make, change and delete a canned response, with a question before it is gone (rules 198, 199)', async () => {
    const user = userEvent.setup();
    const { api, container } = renderApp('/ajustes?secao=respostas');
    await user.click(await screen.findByRole('button', { name: 'Nova resposta' }));
    const dialog = await screen.findByRole('dialog', { name: 'Nova resposta' });
    await expectAccessible(dialog);
    const code = within(dialog).getByRole('textbox', { name: 'Código' });
    await user.type(code, 'Horario');
    await user.type(within(dialog).getByRole('textbox', { name: 'Texto' }), 'Rua das Flores, 10');
    await user.click(within(dialog).getByRole('button', { name: 'Salvar' }));
    expect(await within(dialog).findByText('Outra resposta já usa este código.')).toBeVisible();
    await user.clear(code);
    await user.type(code, '/endereco');
    await user.click(within(dialog).getByRole('button', { name: 'Salvar' }));
    expect(await screen.findByText('/endereco')).toBeVisible();
    await expectAccessible(container);
    expect(api.settings['canned-responses'].at(-1)).toMatchObject({ code: 'endereco', text: 'Rua das Flores, 10' });
    await user.click(screen.getByRole('button', { name: 'Apagar /endereco' }));
    const question = await screen.findByRole('dialog', { name: 'Apagar /endereco?' });
    await user.click(within(question).getByRole('button', { name: 'Apagar' }));
    await waitFor(() => expect(screen.queryByText('/endereco')).toBeNull());
  });

  it('find a canned response by its words', async () => {
    const user = userEvent.setup();
    renderApp('/ajustes?secao=respostas');
    await screen.findByText('/horario');
    await user.type(screen.getByRole('searchbox', { name: 'Buscar por código ou texto' }), 'segunda via');
    await waitFor(() => expect(screen.queryByText('/horario')).toBeNull());
    expect(screen.getByText('/boleto')).toBeVisible();
  });
});
