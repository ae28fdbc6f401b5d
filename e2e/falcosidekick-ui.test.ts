/** `falcosidekick-ui` in the place of Falcosidekick-UI, and the way to it from there. */

import { createClient } from '@redis/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isListening, programObstacle, startServer } from '../packages/outputs/testing/run-server.ts';
import { freePort } from '../packages/outputs/testing/tcp-proxy.ts';
import { bugIn, type Running, run, Scratch, start, until } from './program.ts';
import { alertLine, HubWithUi, LIMIT_MS } from './ui-program.ts';

const PASSWORD = 'correct:horse battery';
const basic = { authorization: `Basic ${Buffer.from(`ops:${PASSWORD}`).toString('base64')}` };

let scratch: Scratch;
let running: Running | undefined;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.ended;
  running = undefined;
  scratch.remove();
});

/** An event as Falcosidekick-UI keeps it: without time and priority in front of its text. */
function eventOf(i: number, over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const event = JSON.parse(alertLine(i)) as Record<string, unknown>; // As it was made.
  const uuid = `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
  return { ...event, uuid, output: `number ${i}`, tags: ['a', 'b'], ...over };
}

async function startUi(
  given: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const program = start('falcosidekick-ui', ['-a', '127.0.0.1', '-p', '0', ...given], {
    environment: { FALCOSIDEKICK_UI_STORE: scratch.path('ui'), ...environment },
  });
  running = program;
  await until('listening', () => program.err().includes('web interface: '), LIMIT_MS);
  return /web interface: (http:\/\/[^/]+)\//.exec(program.err())?.[1] ?? '';
}

async function get(url: string, headers: Readonly<Record<string, string>> = basic): Promise<unknown> {
  return (await fetch(url, { headers })).json();
}

async function untilCounted(url: string, count: number): Promise<void> {
  for (const endMs = Date.now() + LIMIT_MS; ; ) {
    const answer = await get(`${url}/api/v1/events/count`);
    if ((answer as { statistics: { all: number } }).statistics.all >= count) return;
    if (Date.now() > endMs) throw new Error(JSON.stringify(answer));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('falcosidekick-ui', { timeout: 2 * LIMIT_MS }, () => {
  test('takes what a sidekick posts, and answers as the reference does', async () => {
    const url = await startUi(['-u', `ops:${PASSWORD}`, '-r', 'redis:6379', '-t=1W']);
    const post = (body: unknown): Promise<Response> =>
      fetch(`${url}/`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const added = await post({
      event: eventOf(1, { output: '日本語 number 1' }),
      outputs: ['Slack', 'WebUI'],
    });
    expect([added.status, await added.text()]).toEqual([200, '"{}"']);
    expect((await post({ event: { rule: 'x' }, outputs: [] })).status).toBe(400);
    await untilCounted(url, 1);
    const found = await get(`${url}/api/v1/events/search?rule=Rule%201&since=1W&filter=%E6%97%A5%E6%9C%AC`);
    expect(found).toMatchObject({
      results: [
        { uuid: '00000000-0000-4000-8000-000000000001', output: '日本語 number 1', tags: ['a', 'b'] },
      ],
      statistics: { returned: 1, all: 1 },
    });
    expect(await get(`${url}/api/v1/events/count/tags`)).toEqual({
      results: { a: 1, b: 1 },
      statistics: { distincts: 2, all: 1 },
    });
    expect(await get(`${url}/api/v1/outputs`)).toEqual(['Slack', 'WebUI']);
    expect(JSON.stringify(await get(`${url}/api/v1/configuration`))).not.toContain('horse');
    expect((await fetch(`${url}/api/v1/events/count`)).status).toBe(401);
    const wrong = { authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}` };
    expect((await fetch(`${url}/api/v1/events/count`, { headers: wrong })).status).toBe(401);
    expect(running?.err()).toContain('`peregrine alerts import redis://redis:6379');
    running?.child.kill('SIGTERM');
    const ended = await running?.ended;
    expect([ended?.status, ended && bugIn(ended)]).toEqual([0, '']);
  });

  test('gets what the webui output of a hub sends', async () => {
    const url = await startUi(['-u', `ops:${PASSWORD}`]);
    const hub = new HubWithUi();
    await hub.start(`webui: { url: "${url}" }\n`);
    await hub.post([alertLine(1), alertLine(2)].join('\n'));
    await untilCounted(url, 2);
    expect(await get(`${url}/api/v1/outputs`)).toEqual(['WebUI']);
    await hub.end();
  });

  test.each([
    ['the password of all tutorials', ['-a', '0.0.0.0'], /everybody would guess/],
    [
      'a password without a colon, which would be that of all tutorials',
      ['-u', 'secret'],
      /a colon and a password/,
    ],
    ['nobody to ask, where others reach it', ['-a', '0.0.0.0', '-d'], /everybody who reaches/],
    ['values that are none', ['-a', 'everywhere', '-t', 'soon'], /no IP address[\s\S]*no length of time/],
  ])('does not start with %s', async (_, given, why) => {
    const ended = await run('falcosidekick-ui', ['-p', '0', '--store', scratch.path('ui'), ...given]);
    expect([ended.status, ended.err]).toEqual([1, expect.stringMatching(why)]);
  });

  test('starts with the password of all tutorials when told to, and says so', async () => {
    await startUi(['-u', 'admin:admin'], { FALCOSIDEKICK_UI_ALLOW_DEFAULT_PASSWORD: 'true' });
    expect(running?.err()).toMatch(/\[WARN\] .*everybody can guess/);
  });
});

describe('peregrine alerts and users', { timeout: 2 * LIMIT_MS }, () => {
  const configOf = (more = ''): string =>
    scratch.write(
      'hub.yaml',
      `listenaddress: 127.0.0.1\nlistenport: 0\njournal: { path: ${scratch.path('state')} }\nui: { enabled: true, listenport: 0${more} }\n`,
    );
  /** Words are apart by spaces; `_` stands for one within a condition. */
  const peregrine = (line: string, input?: string) =>
    run(
      'peregrine',
      line.split(' ').map((word) => (word.startsWith('rule_') ? word.replaceAll('_', ' ') : word)),
      input === undefined ? {} : { input },
    );

  test('import what the page exported, once, and export it again', async () => {
    const config = configOf();
    const events = [1, 2, 3].map((i) => eventOf(i));
    const file = scratch.write('falco_events.json', JSON.stringify([...events, { rule: 'no event' }]));
    const first = await peregrine(`alerts import ${file} -c ${config}`);
    expect([first.status, first.out]).toEqual([
      0,
      expect.stringMatching(/^imported: 3\nno events: 1 \(the first: `priority` .*\)\n$/),
    ]);
    const again = await peregrine(`alerts import ${file} -c ${config} --json`);
    expect(JSON.parse(again.out)).toMatchObject({ imported: 0, known: 3, wrong: 1 });
    const all = await peregrine(`alerts export -c ${config} -q rule_in_("Rule_2","Rule_3")`);
    expect(
      all.out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { uuid: string }).uuid),
    ).toEqual(['00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000002']);
    expect((await peregrine(`alerts export -c ${config} --format csv`)).out.split('\r\n')).toHaveLength(5);
    const wrong = await peregrine(`alerts export -c ${config} -q proc.name=`);
    expect([wrong.status, bugIn(wrong)]).toEqual([2, '']);
  });

  test('a first user is added, signs in, and goes', async () => {
    const config = configOf();
    expect((await peregrine(`users add ann --role admin -c ${config}`, 'admin\n')).err).toMatch(
      /will not do/,
    );
    expect((await peregrine(`users add ann --role admin -c ${config}`, `${PASSWORD}\n`)).status).toBe(0);
    expect((await peregrine(`users list -c ${config}`)).out).toBe('ann  admin\n');
    const program = start('peregrine', ['hub', '-c', config]);
    running = program;
    await until('listening', () => program.err().includes('web interface: '), LIMIT_MS);
    const url = /web interface: (http:\/\/[^/]+)\//.exec(program.err())?.[1] ?? '';
    const status = async (password: string): Promise<number> => {
      const authorization = `Basic ${Buffer.from(`ann:${password}`).toString('base64')}`;
      return (await fetch(`${url}/api/v2/alerts`, { headers: { authorization } })).status;
    };
    expect([await status(PASSWORD), await status('another password')]).toEqual([200, 401]);
    expect((await fetch(`${url}/api/v2/alerts`)).status).toBe(401);
    expect((await peregrine(`users remove ann -c ${config}`)).status).toBe(0);
    expect(await status(PASSWORD)).toBe(401);
    expect((await peregrine(`users passwd ann -c ${config}`, 'x\n')).err).toContain('there is no user `ann`');
  });

  const obstacle = programObstacle('redis-server');
  test.skipIf(obstacle !== undefined)(
    obstacle === undefined ? 'import from Redis' : `import from Redis (skipped: ${obstacle})`,
    async () => {
      const port = await freePort();
      const server = await startServer({
        program: 'redis-server',
        args: (folder) => [
          ...[
            '--port',
            String(port),
            '--bind',
            '127.0.0.1',
            '--dir',
            folder,
            '--save',
            '',
            '--appendonly',
            'no',
          ],
          ...['--requirepass', 'hush'],
        ],
        isReady: () => isListening(port),
      });
      const client = createClient({ socket: { host: '127.0.0.1', port }, password: 'hush' });
      await client.connect();
      const all = Array.from({ length: 1_200 }, (_, i) =>
        client.hSet(`event:${String(eventOf(i).uuid)}`, {
          rule: 'x',
          json: JSON.stringify(eventOf(i)),
        }),
      );
      await Promise.all(all);
      await client.hSet('event:broken', { json: '{' });
      await client.set('other', 'x');
      client.destroy();
      const config = configOf();
      const ended = await peregrine(`alerts import redis://:hush@127.0.0.1:${port} -c ${config} --json`);
      expect([JSON.parse(ended.out), ended.err]).toMatchObject([{ imported: 1_200, known: 0, wrong: 1 }, '']);
      const refused = await peregrine(`alerts import redis://:secret1@127.0.0.1:${port} -c ${config}`);
      expect([refused.status, refused.err]).toEqual([1, expect.stringMatching(/cannot read from Redis/)]);
      expect(refused.err).not.toContain('secret1');
      await server.remove();
    },
  );
});
