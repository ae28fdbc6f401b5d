/** Functions that do what they should not, in two languages, and what must become of them. */

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  descendantsOf,
  endAfterTest,
  type FunctionText,
  type Served,
  serve,
  stillThere,
} from './functions-program.ts';
import { root, Scratch, until } from './program.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

export const hasPython = spawnSync('/usr/bin/python3', ['-c', ''], { stdio: 'ignore' }).status === 0;
const isRoot = process.getuid?.() === 0;
const mayNamespace =
  spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true'], { stdio: 'ignore' }).status === 0 ||
  spawnSync('unshare', ['--user', '--map-current-user', '--pid', '--fork', '--mount-proc', 'true'], {
    stdio: 'ignore',
  }).status === 0;

/** One function that does what it is told to. */
export const python: FunctionText = {
  name: 'wild',
  runtime: 'python3',
  more: [
    'timeout: "2"',
    'deployment: {spec: {template: {spec: {containers: [{resources: {limits: {memory: 128Mi}}}]}}}}',
  ],
  code: `
import ctypes, os, subprocess, sys, time

def handler(event, context):
    what = event['data'].get('do')
    if what == 'sleep':
        subprocess.Popen(['sleep', '1000'])
        time.sleep(1000)
    if what == 'spin':
        while True:
            pass
    if what == 'eat':
        held = []
        while True:
            held.append(bytearray(1 << 20))
    if what == 'multiply':
        while True:
            try:
                os.fork()
            except OSError:
                time.sleep(0.01)
    if what == 'escape':
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.setpgid(0, 0)
                time.sleep(1000)
            os._exit(0)
        return 'escaped'
    if what == 'exit':
        os._exit(3)
    if what == 'crash':
        ctypes.string_at(0)
    if what == 'print':
        while True:
            print('x' * 100)
    if what == 'answer':
        return b'x' * (20 << 20)
    if what == 'fill':
        with open(os.path.join(os.environ['HOME'], 'file'), 'wb') as file:
            while True:
                file.write(bytes(1 << 20))
    if what == 'environment':
        return dict(os.environ)
    if what == 'garble' or what == 'forge':
        os.write(3, b'x' * 100)
    if what == 'identity':
        with open('/proc/self/status') as status:
            lines = dict(line.rstrip('\\n').split(':\\t', 1) for line in status if ':\\t' in line)
        return {'uid': os.getuid(), 'privileges': lines['NoNewPrivs'], 'effective': lines['CapEff'], 'permitted': lines['CapPrm'], 'home': os.getcwd() == os.environ['HOME'], 'first': open('/proc/self/oom_score_adj').read()}
    if what == 'overlap':
        began = time.monotonic()
        time.sleep(0.02)
        return {'began': began, 'ended': time.monotonic()}
    return 'well'
`,
};

export const javascript: FunctionText = {
  name: 'wild',
  runtime: 'nodejs22',
  more: python.more ?? [],
  code: `
const { spawn } = require('node:child_process');
const { writeFileSync, appendFileSync, readFileSync } = require('node:fs');
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
module.exports = {
  async handler(event) {
    const what = event.data.do;
    if (what === 'sleep') { spawn('sleep', ['1000']); await wait(1e6); }
    if (what === 'spin') for (;;);
    if (what === 'eat') { const held = []; for (;;) held.push(Buffer.alloc(1 << 20, 1)); }
    if (what === 'multiply') {
      const more = 'spawn(process.execPath, ["-e", code], { env: { code } }).on("error", () => {});';
      const code = 'const { spawn } = require("child_process"); const { code } = process.env; setInterval(() => { try { ' + more + more + ' } catch {} }, 5)';
      spawn(process.execPath, ['-e', code], { env: { code } });
      await wait(1e6);
    }
    if (what === 'escape') { spawn('sh', ['-c', 'setsid sleep 1000 & exit'], { detached: true }).unref(); return 'escaped'; }
    if (what === 'exit') process.exit(3);
    if (what === 'crash') process.abort();
    if (what === 'print') for (;;) console.log('x'.repeat(100));
    if (what === 'answer') return 'x'.repeat(20 << 20);
    if (what === 'fill') for (;;) appendFileSync(process.env.HOME + '/file', Buffer.alloc(1 << 20));
    if (what === 'environment') return process.env;
    if (what === 'garble') { require('node:fs').writeSync(3, Buffer.alloc(100, 255)); return 'garbled'; }
    if (what === 'forge') {
      const head = Buffer.from(JSON.stringify({ kind: 'done', id: 1e6, outcome: 'answered' }));
      const lengths = Buffer.alloc(8);
      lengths.writeUInt32BE(head.length);
      for (;;) require('node:fs').writeSync(3, Buffer.concat([lengths, head]));
    }
    if (what === 'identity') {
      const lines = Object.fromEntries(readFileSync('/proc/self/status', 'utf8').split('\\n').map((line) => line.split(':\\t')));
      return { uid: process.getuid(), privileges: lines.NoNewPrivs, effective: lines.CapEff, permitted: lines.CapPrm, home: process.cwd() === process.env.HOME, first: readFileSync('/proc/self/oom_score_adj', 'utf8') };
    }
    if (what === 'overlap') { const now = () => Number(process.hrtime.bigint()) / 1e9; const began = now(); await wait(20); return { began, ended: now() }; }
    return 'well';
  },
};
`,
};

const SECRET = 'a-secret-of-ours';

/** What holds for functions in any language. */
export function describeWild(text: FunctionText, isMissing: boolean): void {
  let scratch: Scratch;
  let served: Served;
  beforeAll(async () => {
    scratch = new Scratch();
    if (isMissing) return;
    served = await serve(scratch, [text], {
      options: ['--concurrency', '2', '--queue', '100'],
      environment: { DATABASE_PASSWORD: SECRET },
    });
  });
  afterAll(async () => {
    if (!isMissing) await served.stop();
    scratch.remove();
  });

  async function told(what: string): Promise<readonly [number, string]> {
    const response = await served.call('wild', { do: what });
    return [response.status, await response.text()];
  }

  async function isWell(): Promise<void> {
    expect(await told('nothing')).toEqual([200, 'well']);
  }

  /** What runs of the function, besides what always does. */
  function commands(): readonly string[] {
    return descendantsOf(served.program.child.pid ?? 0).map(({ command }) => command);
  }

  test.skipIf(isMissing)('a call that takes too long gets 408, and all that it started ends', async () => {
    const answer = told('sleep');
    await until('its program runs', () => commands().some((command) => command.startsWith('sleep 1000')));
    expect(await answer).toEqual([408, 'the function did not answer within 2 s\n']);
    await until('its program is gone', () => !commands().some((command) => command.startsWith('sleep 1000')));
    await isWell();
  });

  test.skipIf(isMissing)('one that does not even wait likewise', async () => {
    expect((await told('spin'))[0]).toBe(408);
    await isWell();
  });

  test.skipIf(isMissing)('memory is bounded', async () => {
    expect((await told('eat'))[0]).toBe(500);
    await isWell();
  });

  test.skipIf(isMissing)('processes are bounded, and end', async () => {
    const calm = commands().length;
    let most = 0;
    const answer = told('multiply');
    let isOver = false;
    void answer.then(() => {
      isOver = true;
    });
    while (!isOver) {
      most = Math.max(most, commands().length);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await answer)[0]).toBe(408);
    expect(most).toBeGreaterThan(calm + 3);
    expect(most).toBeLessThan(calm + 150);
    await until('they are gone', () => commands().length <= calm + 2);
    await isWell();
  });

  test.skipIf(isMissing || text.runtime !== 'python3')('what a call leaves behind ends with it', async () => {
    const calm = commands().length;
    expect(await told('escape')).toEqual([200, 'escaped']);
    await until('it is gone', () => commands().length <= calm);
    await isWell();
  });

  test.skipIf(isMissing)('a file is bounded', async () => {
    expect((await told('fill'))[0]).toBe(500);
    await isWell();
  });

  test.skipIf(isMissing).each([
    ['exit', 'status 3'],
    ['crash', 'SIGSEGV|signal 6|signal 11'],
  ])('a process that ends (%s) is an answer of 500, and the next call works', async (what, how) => {
    const [status, reason] = await told(what);
    expect([status, reason]).toEqual([500, expect.stringMatching(new RegExp(how))]);
    await isWell();
  });

  test.skipIf(isMissing)('who prints without end fills no log, and holds nobody up', async () => {
    const before = served.program.err().length;
    const answer = told('print');
    await until('it prints', () => served.program.err().length > before + 10_000);
    expect((await fetch(`${served.url}/healthz`)).status).toBe(200);
    expect((await answer)[0]).toBe(408);
    // A thousand lines at once, two hundred each second.
    expect(served.program.err().length - before).toBeLessThan(120 * 3_000);
    await isWell();
  });

  test.skipIf(isMissing).each(['garble', 'forge'])(
    'nothing is gained by speaking for the process (%s)',
    async (what) => {
      expect((await told(what))[0]).toBe(500);
      await isWell();
    },
  );

  test.skipIf(isMissing)('an answer that is too large is none', async () => {
    expect((await told('answer'))[0]).toBe(500);
    await isWell();
  });

  test.skipIf(isMissing)('two at a time, and nobody is forgotten', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const response = await served.call('wild', { do: 'overlap' });
        expect(response.status).toBe(200);
        return (await response.json()) as { readonly began: number; readonly ended: number };
      }),
    );
    const most = Math.max(
      ...answers.map(
        ({ began }) => answers.filter((other) => other.began <= began && began < other.ended).length,
      ),
    );
    expect(most).toBeLessThanOrEqual(2);
  });

  test.skipIf(isMissing)('nothing of our environment is in theirs', async () => {
    const [, body] = await told('environment');
    expect(body).not.toContain(SECRET);
    expect(Object.keys(JSON.parse(body)).sort()).toEqual(
      [
        ...['FUNC_HANDLER', 'FUNC_MEMORY_LIMIT', 'FUNC_PORT', 'FUNC_RUNTIME', 'FUNC_TIMEOUT', 'HOME', 'LANG'],
        ...['MOD_NAME', 'PATH', 'TMPDIR', 'TZ'],
      ].sort(),
    );
  });

  test.skipIf(isMissing)('they have no privileges, and cannot get any', async () => {
    const [, body] = await told('identity');
    expect(JSON.parse(body)).toEqual({
      uid: isRoot ? 65_534 : process.getuid?.(),
      privileges: '1',
      effective: '0000000000000000',
      permitted: '0000000000000000',
      home: true,
      // Whom the kernel ends when memory is short.
      first: '1000\n',
    });
  });
}

/** How the program is started, and why it cannot be here. */
export interface Standing {
  readonly title: string;
  readonly prefix: readonly string[];
  /** Whether those that hide end as well. */
  readonly isEnclosed: boolean;
}

const program = join(root, 'bin', 'peregrine');
const asNobody = isRoot
  ? ['/usr/bin/setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--']
  : [];
/** Nobody in there can make a namespace, as in most containers. */
const withoutNamespaces = [
  ...['/usr/bin/unshare', '--user', '--map-current-user', '--keep-caps', '--', '/bin/sh', '-c'],
  'echo 0 > /proc/sys/user/max_pid_namespaces && exec "$@"',
  'sh',
];

export const standings: readonly Standing[] = [
  ...(isRoot ? [{ title: 'as root', prefix: [], isEnclosed: mayNamespace }] : []),
  {
    title: 'as nobody in particular',
    prefix: asNobody.length === 0 ? [] : [...asNobody, program],
    isEnclosed: mayNamespace,
  },
  { title: 'without namespaces', prefix: [...asNobody, ...withoutNamespaces, program], isEnclosed: false },
].filter(({ prefix: [first = '', ...rest] }) => first === '' || works([first, ...rest.slice(0, -1), 'true']));

function works([first = '', ...rest]: readonly string[]): boolean {
  return spawnSync(first, rest, { stdio: 'ignore' }).status === 0;
}

/** What holds when the program ends. */
export function describeEnds(text: FunctionText, isMissing: boolean): void {
  test
    .skipIf(isMissing)
    .each(
      standings.flatMap((standing) =>
        (['SIGTERM', 'SIGKILL'] as const).map((signal) => ({ ...standing, signal })),
      ),
    )('$title, $signal leaves no process and no folder', async ({ prefix, isEnclosed, signal }) => {
    const scratch = new Scratch();
    // A place for temporary files that anyone may write to, as there is one everywhere, but of its own.
    const temporary = scratch.path('tmp');
    spawnSync('sh', ['-c', 'chmod 755 "$1" && mkdir -m 1777 "$2"', 'sh', scratch.folder, temporary]);
    const served = await serve(scratch, [text], { prefix, environment: { TMPDIR: temporary } });
    endAfterTest(served, scratch);
    expect(readdirSync(temporary)).toEqual([expect.stringMatching(/^peregrine-function-/)]);
    const { child, ended } = served.program;
    // A process that leaves its group and its parent: only a namespace holds it.
    if (isEnclosed && text.runtime !== 'python3')
      expect(await (await served.call('wild', { do: 'escape' })).text()).toBe('escaped');
    const call = served.call('wild', { do: 'sleep' }).catch(() => undefined);
    const all = (): ReturnType<typeof descendantsOf> => descendantsOf(child.pid ?? 0);
    await until('it runs', () => all().some(({ command }) => command.startsWith('sleep 1000')));
    const processes = all();
    expect(processes.length).toBeGreaterThanOrEqual(4);
    expect(processes.some(({ command }) => command.startsWith('unshare '))).toBe(isEnclosed);
    child.kill(signal);
    await ended;
    await call;
    await until('all are gone', () => stillThere(processes).length === 0, 60_000);
    await until('their folders too', () => readdirSync(temporary).length === 0, 60_000);
  });
}
