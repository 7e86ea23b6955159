// What every story shares: one stack, one browser, and what everybody saw when it fails.
import { after, afterEach, before } from 'node:test';
import { Browser } from './browser.mjs';
import { Stack } from './stack.mjs';

/** Sets the stage for the stories of a file. */
export function stage() {
  const set = {};
  before(async () => {
    set.stack = await Stack.start();
    set.browser = await Browser.start();
  });
  afterEach(async (context) => {
    if (!context.passed) await set.browser?.keep(context.name);
  });
  after(async () => {
    await set.browser?.stop();
    await set.stack?.stop();
  });
  return set;
}
