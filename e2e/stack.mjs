// A stack of its own for each run: bin/devstack on free ports, with its data in a temporary folder.
//
// E2E_STACK=FILE uses a stack that runs already (FILE is what `devstack up --json` printed): for writing stories.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PERENE = process.env.E2E_PERENE ?? join(ROOT, 'bin/perene');
const READY_MS = 300_000;

/** A running stack: where its parts answer, and how to hurt them. */
export class Stack {
  constructor(facts, child, folder) {
    this.facts = facts;
    this.urls = facts.urls;
    this.data = facts.data;
    this.#child = child;
    this.#folder = folder;
  }

  #child;
  #folder;

  /** Starts everything and answers when all of it is ready. */
  static async start() {
    if (process.env.E2E_STACK) return new Stack(JSON.parse(readFileSync(process.env.E2E_STACK, 'utf8')));
    const folder = mkdtempSync(join(tmpdir(), 'perene-e2e-'));
    const child = spawn(join(ROOT, 'bin/devstack'), ['up', '--json', '--free-ports', '--fast', '--perene', PERENE, '--data', join(folder, 'data')], {
      cwd: ROOT,
      env: { ...process.env, DATABASE_URL: '', TEMPORAL_ADDRESS: '' }, // nobody else's servers
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    const facts = await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`the stack is not ready after ${READY_MS / 1000} s:\n${said}`)), READY_MS);
      child.once('exit', (code) => reject(new Error(`devstack ended with ${code}:\n${said}`)));
      createInterface({ input: child.stdout }).once('line', (line) => {
        clearTimeout(late);
        resolve(JSON.parse(line));
      });
    });
    return new Stack(facts, child, folder);
  }

  /** A fresh one-time sign-in link. The first one belongs to whoever started the stack. */
  async loginLink(email = 'ana@loja.example') {
    const { stdout } = await this.#run(PERENE, ['login-link', '--email', email]);
    return stdout.trim().split('\n').at(-1);
  }

  /** Stops, starts, restarts or kills one process: api, worker, sim, temporal, postgres. */
  async ctl(op, name) {
    await this.#run(join(ROOT, 'bin/devstack'), ['ctl', op, name, '--data', this.data]);
  }

  /** Changes rows as only time would: windows that end, deadlines that come. */
  async sql(statement) {
    const { stdout } = await this.#run('psql', ['-X', '-q', '-t', '-A', '-v', 'ON_ERROR_STOP=1', '-c', statement, this.#env().DATABASE_URL]);
    return stdout.trim();
  }

  /** What the simulator of Meta's servers noted, in order: what people wrote, what it brought us, what we asked of it. */
  async ledger() {
    const answer = await fetch(`${this.urls.sim_control}/ledger?limit=1000`);
    return (await answer.json()).entries;
  }

  /** Ends everything and forgets the data. */
  async stop() {
    if (!this.#child) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGINT');
    await ended;
    if (!process.env.E2E_KEEP) rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The stack writes what its programs read into a file of NAME=value lines. */
  #env() {
    const env = { ...process.env };
    for (const line of readFileSync(this.facts.env_file, 'utf8').split('\n')) {
      const match = /^(?:export )?([A-Z_][A-Z0-9_]*)=(.*)$/.exec(line);
      if (match) env[match[1]] = match[2].replace(/^(['"])(.*)\1$/, '$2');
    }
    return env;
  }

  #run(program, args) {
    const env = this.#env();
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk) => (stdout += chunk));
      child.stderr.on('data', (chunk) => (stderr += chunk));
      child.once('error', reject);
      child.once('exit', (code) => (code === 0 ? resolve({ stdout, stderr }) : reject(new Error(`${program} ${args.join(' ')} ended with ${code}: ${stderr}`))));
    });
  }
}
