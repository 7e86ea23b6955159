// Takes pictures of every screen against the mock API, for a person to look at:
//   PERENE_MOCK=1 npx vite preview --port 4173 &   node scripts/screens.mjs http://127.0.0.1:4173 out [only]
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [base = 'http://127.0.0.1:4173', out = 'screens', only = ''] = process.argv.slice(2);
mkdirSync(out, { recursive: true });

// The pages come from the rail; these are things on them, and faces of their own.
const MORE = [
  ['entrar', '/entrar'],
  ['conversa', '/conversas/1042'],
  ['execucao', '/execucoes/42'],
  ['fluxo', '/fluxos/7?ver=desenho'],
  ['fluxo-lista', '/fluxos/7?ver=lista&versao=rascunho'],
  ['desenho', '/fluxos/7/editar?ver=desenho'],
  ['desenho-lista', '/fluxos/7/editar?ver=lista'],
  ['kit', '/kit'],
];
const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let broken = 0;
for (const [size, viewport] of Object.entries(SIZES)) {
  for (const theme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport, colorScheme: theme, locale: 'pt-BR', timezoneId: 'America/Sao_Paulo' });
    const page = await context.newPage();
    page.on('pageerror', (error) => {
      broken += 1;
      console.error(`${page.url()}: ${error.message}`);
    });
    page.on('console', (message) => {
      if (message.type() === 'error') console.error(`${page.url()}: ${message.text()}`);
    });
    await page.goto(base);
    await page.locator('nav a[href]').first().waitFor({ state: 'attached' });
    const pages = await page.locator('nav a[href]').evaluateAll((links) => [...new Set(links.map((link) => new URL(link.href).pathname))]);
    for (const [name, path] of [...pages.map((each) => [each.slice(1), each]), ...MORE]) {
      if (only !== '' && !`${name}-${size}-${theme}`.includes(only)) continue;
      // The kit is one long page.
      await page.setViewportSize(name === 'kit' ? { ...viewport, height: 2700 } : viewport);
      await page.goto(base + path);
      await page.waitForLoadState('networkidle').catch(() => undefined);
      await page.waitForTimeout(350);
      await page.screenshot({ path: `${out}/${name}-${size}-${theme}.png` });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
      if (wide) console.error(`${name} ${size}: scrolls sideways`);
    }
    await context.close();
  }
}
await browser.close();
if (broken > 0) process.exit(1);
