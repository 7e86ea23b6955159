// What axe finds on a page.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A line for each element of the page that breaks WCAG 2.2 AA as far as a program can tell. */
export async function violations(page) {
  // The page's policy lets no script in; the tool speaks to the page from outside of it.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    // What still fades in has the colours of neither end. What never ends (a spinner) is looked at as it is.
    const ending = () => document.getAnimations().filter((each) => each.playState === 'running' && Number.isFinite(each.effect?.getComputedTiming().endTime));
    for (let left = ending(); left.length > 0; left = ending()) await Promise.allSettled(left.map((each) => each.finished));
    const { violations } = await globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`));
  });
}
