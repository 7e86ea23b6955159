// Adds up what a browser must load before the inbox can be used, and refuses to let it grow past its budget. Also makes
// sure that the page has no script inside it: the server's policy is script-src 'self'.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const BUDGET = 250_000;
const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const manifest = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, 'utf8'));

const wanted = new Set();
function want(key) {
  if (wanted.has(key)) return;
  const chunk = manifest[key];
  if (!chunk) throw new Error(`the build has no ${key}`);
  wanted.add(key);
  for (const each of chunk.imports ?? []) want(each);
}
want('index.html');
want('src/features/inbox/inbox-page.tsx');

let total = 0;
for (const key of wanted) total += gzipSync(readFileSync(dist + manifest[key].file), { level: 9 }).length;
console.log(`inbox: ${(total / 1000).toFixed(1)} kB of JavaScript (gzip) in ${wanted.size} files, budget ${BUDGET / 1000} kB`);

if (Object.keys(manifest).some((key) => key.startsWith('src/kit/') || key.startsWith('src/test/'))) {
  console.error('a build for people has the kit or the mock in it');
  process.exit(1);
}

const page = readFileSync(`${dist}index.html`, 'utf8');
const inline = [...page.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)].filter(([, attributes, body]) => !/\bsrc=/.test(attributes) || body.trim() !== '');
if (inline.length > 0 || /\son\w+=/.test(page)) {
  console.error('index.html has a script inside it: the policy script-src \'self\' would refuse it');
  process.exit(1);
}
if (total > BUDGET) {
  console.error('the inbox is over its budget');
  process.exit(1);
}
