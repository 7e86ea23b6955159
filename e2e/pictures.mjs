// Takes the pictures of docs/operations.md anew, from a stack of its own: node pictures.mjs (in e2e/).
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Browser } from './browser.mjs';
import { Console } from './console.mjs';
import { Stack } from './stack.mjs';

const IMAGES = process.env.IMAGES ?? fileURLToPath(new URL('../docs/images/', import.meta.url));
const NUMBER = '106540352242922';
const WABA = '102290129340398';

const stack = await Stack.start();
const browser = await Browser.start();
try {
  mkdirSync(IMAGES, { recursive: true });
  const control = async (path, body) => {
    const answer = await fetch(stack.urls.sim_control + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return answer.json();
  };
  const says = (person, text) => control('/inbound', { number: NUMBER, person, text });

  const ana = await browser.person('Ana');
  await new Console(ana.page, stack.urls.base).enterBy(await stack.loginLink());
  const api = async (method, path, data) => {
    const answer = await ana.page.request.fetch(stack.urls.base + path, { method, ...(data && { data }) });
    if (!answer.ok()) throw new Error(`${path}: ${await answer.text()}`);
    return (await answer.text()) === '' ? undefined : answer.json();
  };
  const until = async (what, ask) => {
    for (const end = Date.now() + 20_000; Date.now() < end; await new Promise((go) => setTimeout(go, 200))) {
      const found = await ask();
      if (found) return found;
    }
    throw new Error(`in 20 s it did not happen that ${what}`);
  };
  const run = (conversation) => api('GET', `/v1/flow-runs?status=active&conversation_id=${conversation}`).then((page) => page.data[0]);

  // Maria answers the bot; João's number gets no marketing for now; then the token is not accepted any more.
  await says('maria', 'Oi');
  await until('the bot asks', () => run(1).then((one) => one?.wait_kind === 'reply'));
  await says('maria', 'Maria');
  await until('the bot goes on', () => run(1).then((one) => one?.step >= 2));
  await says('joao', 'Oi');
  await until('João is known', () => run(2));
  await control(`/wabas/${WABA}/templates`, {
    id: '774411002299', name: 'novidades', language: 'pt_BR', category: 'MARKETING', status: 'APPROVED', parameter_format: 'POSITIONAL',
    components: [{ type: 'BODY', text: 'Chegaram novidades na loja.' }],
  });
  await control('/faults', { match: { person: 'joao', path: '*', template: 'novidades' }, action: { kind: 'error', code: 131049 } });
  await api('POST', '/v1/connections/1/sync');
  await until('the template is known', () => api('GET', '/v1/templates').then((page) => page.data.some((one) => one.name === 'novidades')));
  const sent = await api('POST', '/v1/conversations/2/messages', { content: { kind: 'template', template: { name: 'novidades', language: 'pt_BR' } } });
  await until('it is put off', () => api('GET', '/v1/conversations/2/messages').then((page) => page.data.some((one) => one.id === sent.id && one.temporal_url)));
  await control('/faults', { match: { path: 'messages' }, action: { kind: 'error', code: 190 } });
  await says('bia', 'Oi');
  await until('the connection is held', () => api('GET', '/v1/connections').then((page) => page.data[0].state === 'held'));

  const web = await browser.person('operator', { viewport: { width: 1320, height: 780 } });
  const shoot = async (id, tab, name, height = 780) => {
    const found = await until(`${id} is listed`, async () => {
      const query = encodeURIComponent(`WorkflowId="${id}"`);
      const answer = await fetch(`${stack.urls.temporal_web}/api/v1/namespaces/perene/workflows?query=${query}`);
      return (await answer.json()).executions?.[0]?.execution;
    });
    await web.page.setViewportSize({ width: tab === 'history' ? 1760 : 1320, height }); // the history's lines are long
    await web.page.goto(`${stack.urls.temporal_web}/namespaces/perene/workflows/${encodeURIComponent(found.workflowId)}/${found.runId}/${tab}`);
    await web.page.getByText(tab === 'history' ? 'Workflow Execution Started' : 'Current Details').last().waitFor();
    await web.page.waitForTimeout(2500); // Temporal Web draws in steps and says nowhere that it is done
    await web.page.screenshot({ path: join(IMAGES, name) });
  };
  await shoot('flow-run/1', 'user-metadata', 'temporal-run.png', 860);
  await shoot('flow-run/1', 'history', 'temporal-history.png', 1000);
  await shoot('connection/1', 'user-metadata', 'temporal-connection-held.png');
  await shoot(`retry/${sent.id}`, 'user-metadata', 'temporal-retry.png');
  await shoot('window/1', 'user-metadata', 'temporal-window.png');
  await ana.page.goto(`${stack.urls.base}/execucoes/1`);
  await ana.page.getByRole('heading', { level: 1 }).waitFor();
  await ana.page.waitForTimeout(1000);
  await ana.page.screenshot({ path: join(IMAGES, 'run.png') });
  if (process.env.FOLLOW) {
    // The link from Temporal Web leads to the console.
    await ana.page.goto(`${stack.urls.base}/conversa/1`);
    await ana.page.waitForURL('**/conversas/*');
    console.log(ana.page.url());
  }
} finally {
  await browser.stop();
  await stack.stop();
}
