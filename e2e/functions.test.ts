/**
 * Functions as users serve and call them: the function of a tutorial on Falco and Kubeless as it is, on Debian's client of
 * Kubernetes, in place of a pod; JavaScript and TypeScript; the contract over HTTP; the commands.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { descendantsOf, manifestOf, type Served, serve, stillThere } from './functions-program.ts';
import { tutorialAlert as alert, serveInPod, tutorialObstacle } from './functions-tutorial.ts';
import { root, run, Scratch, start, until } from './program.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let scratch: Scratch;
let served: Served | undefined;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(async () => {
  served?.program.child.kill('SIGKILL');
  await served?.program.ended;
  served = undefined;
  scratch.remove();
});

describe(`the function of the tutorial${tutorialObstacle() === undefined ? '' : `: ${tutorialObstacle()}`}`, () => {
  interface Asked {
    readonly method: string;
    readonly path: string;
    readonly authorization: string;
    readonly body: unknown;
  }
  let api: Server;
  let asked: Asked[];

  /** An API server, and a program that believes to be in a pod of its cluster. */
  async function serveWithApi(): Promise<Served> {
    const [key, certificate] = [scratch.path('key.pem'), scratch.path('ca.crt')];
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=kubernetes'],
        ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate],
      ],
      { stdio: 'ignore' },
    );
    scratch.write('token', 'token-of-the-pod');
    scratch.write('namespace', 'kubeless');
    asked = [];
    api = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const body = Buffer.concat(pieces).toString('utf8');
        asked.push({
          method,
          path: url,
          authorization: headers.authorization ?? '',
          body: body === '' ? undefined : JSON.parse(body),
        });
        const metadata = { name: 'alpine', namespace: 'default', deletionTimestamp: '2021-01-14T23:39:46Z' };
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'a' }] } }),
        );
      });
    });
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    const files = ['token', 'ca.crt', 'namespace'].map((name) => scratch.path(name));
    return serveInPod(scratch, files, {
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String((api.address() as AddressInfo).port),
    });
  }
  afterEach(async () => {
    await new Promise((resolve) => api?.close(resolve));
  });

  test.skipIf(tutorialObstacle() !== undefined)(
    'is called by the hub, by the name that it has in a cluster',
    async () => {
      served = await serveWithApi();
      const { port } = new URL(served.url);
      // As the chart of the tutorial sets it up; its port is one that is free here.
      const config = scratch.write(
        'hub.yaml',
        [
          'listenaddress: 127.0.0.1',
          'listenport: 0',
          `journal: {path: ${scratch.path('state')}}`,
          `kubeless: {namespace: kubeless, function: delete-pod, port: ${port}}`,
        ].join('\n'),
      );
      // The cluster's names are in a file that only the hub sees.
      const hosts = scratch.write('hosts', '127.0.0.1 localhost delete-pod.kubeless.svc.cluster.local\n');
      const command = [join(root, 'bin', 'peregrine'), 'hub', '-c', config];
      const named = ['sh', '-c', `mount --bind ${hosts} /etc/hosts && exec "$@"`, 'sh', ...command];
      const hub = start('/usr/bin/unshare', ['--mount', '--propagation', 'private', '--', ...named]);
      try {
        await until('the hub listens', () => /is up and listening on/.test(hub.err()), 60_000);
        const address = /listening on (127\.0\.0\.1:\d+)/.exec(hub.err())?.[1];
        const response = await fetch(`http://${address}/`, { method: 'POST', body: alert });
        expect(response.status).toBe(200);
        await until(
          'the call is told of',
          () => /Call Function "delete-pod" OK/.test(hub.out() + hub.err()),
          60_000,
        );
        const log = hub.out() + hub.err();
        const lines = [
          /Kubeless - POST OK \(200\)/i,
          /Kubeless - Function Response : /,
          /Kubeless - Call Function "delete-pod" OK/,
        ];
        const places = lines.map((line) => log.search(line));
        expect(places).toEqual([...places].sort((a, b) => a - b));
        expect(places).not.toContain(-1);
        expect(asked.map(({ method, path }) => [method, path])).toEqual([
          ['DELETE', '/api/v1/namespaces/default/pods/alpine'],
        ]);
        await until('the function is heard', () =>
          /delete-pod: Deleting pod "alpine"/.test(served?.program.err() ?? ''),
        );
        expect(served.program.out()).toMatch(/"POST \/ HTTP\/1\.1" 200 0 "" "[^"]+" 0\/\d+\n$/);
      } finally {
        hub.child.kill('SIGTERM');
        await hub.ended;
      }
      await served.stop();
    },
  );

  test.skipIf(tutorialObstacle() !== undefined)(
    'deletes the pod of an alert, once, and no other',
    async () => {
      served = await serveWithApi();
      // As the hub does inside a cluster: the function's own host name, and nothing but the slash.
      const post = (body: string, type = 'application/json') =>
        run('/usr/bin/curl', [
          ...['--silent', '--include', '--data-binary', body, '--user-agent', 'Falcosidekick'],
          ...[
            '--header',
            `Content-Type: ${type}`,
            '--header',
            'Event-Id: 7b3c',
            '--header',
            'Event-Type: falco',
          ],
          ...[
            '--header',
            'Event-Namespace: kubeless',
            '--header',
            'Host: delete-pod.kubeless.svc.cluster.local:8080',
          ],
          `${served?.url}/`,
        ]);
      const good = await post(alert);
      expect(good.out).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*content-length: 0\r\n[\s\S]*\r\n\r\n$/i);
      expect(asked).toEqual([
        {
          method: 'DELETE',
          path: '/api/v1/namespaces/default/pods/alpine',
          authorization: 'bearer token-of-the-pod',
          body: {},
        },
      ]);
      await until('the function is heard', () =>
        /^peregrine: delete-pod: Deleting pod "alpine" in namespace "default"$/m.test(
          served?.program.err() ?? '',
        ),
      );
      await until('there is a line on the call', () => served?.program.out() !== '');
      expect(served.program.out()).toMatch(
        /^127\.0\.0\.1 - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "POST \/ HTTP\/1\.1" 200 0 "" "Falcosidekick" 0\/\d+\n$/,
      );

      // Another rule; fields that are null, which says nothing; fields that are not there, which is an error in Python.
      const other = JSON.parse(alert);
      const variants: readonly (readonly [object, string])[] = [
        [{ ...other, rule: 'Another rule' }, '200'],
        [{ ...other, output_fields: { ...other.output_fields, 'k8s.pod.name': null } }, '200'],
        [{ ...other, output_fields: { 'proc.name': 'sh' } }, '500'],
        [{ ...other, rule: undefined }, '500'],
      ];
      for (const [variant, status] of variants)
        expect((await post(JSON.stringify(variant))).out.split(' ')[1], JSON.stringify(variant)).toBe(status);
      // Only this very type is JSON; bytes have no keys.
      expect((await post(alert, 'application/json; charset=utf-8')).out.split(' ')[1]).toBe('500');
      expect(asked.length).toBe(1);
      await until('the error is told', () =>
        /delete-pod: KeyError: 'k8s\.ns\.name'/.test(served?.program.err() ?? ''),
      );
      await served.stop();
    },
  );
});

test('a Python function gets what Kubeless gives it', async () => {
  const code = `
def handler(event, context):
    request = event['extensions']['request']
    data = event['data']
    return {
        'data': data if not isinstance(data, bytes) else 'bytes: %r' % data,
        'event': {key: value for key, value in event.items() if key.startswith('event-')},
        'request': [request.method, request.path, request.headers['User-Agent'], request.query],
        'context': context,
    }
`;
  served = await serve(scratch, [{ name: 'echo', runtime: 'python3.11', code, more: ['timeout: "20"'] }]);
  const ask = async (type: string, body: string, method = 'POST') => {
    const headers = {
      'content-type': type,
      'event-id': 'i',
      'event-type': 'falco',
      'event-namespace': 'n',
      'user-agent': 'u',
    };
    const response = await fetch(`${served?.url}/some/path?a=1`, { method, headers, body });
    expect(response.status).toBe(200);
    return response.json();
  };
  const event = { 'event-id': 'i', 'event-type': 'falco', 'event-time': null, 'event-namespace': 'n' };
  const context = {
    'function-name': 'handler',
    timeout: 20,
    runtime: 'python3.11',
    'memory-limit': '536870912',
  };
  const request = ['POST', '/some/path', 'u', { a: '1' }];
  // Digits that no JavaScript number holds come through.
  const text = await (
    await fetch(served.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'u' },
      body: '{"n": 1610667584834631763}',
    })
  ).text();
  expect(text).toContain('1610667584834631763');
  expect(await ask('application/json', '{"a": [1, null]}')).toEqual({
    data: { a: [1, null] },
    event,
    request,
    context,
  });
  expect(await ask('text/plain', 'x')).toMatchObject({ data: "bytes: b'x'" });
  expect(await ask('application/json', '[]', 'PATCH')).toMatchObject({
    data: [],
    request: ['PATCH', ...request.slice(1)],
  });
  expect((await fetch(served.url, { method: 'PUT' })).status).toBe(405);
  expect(
    (await fetch(served.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' }))
      .status,
  ).toBe(400);
  await served.stop();
});

test('what a Python function returns is the body', async () => {
  const code = `
answers = {'text': 'täxt', 'bytes': b'by', 'nothing': None, 'zero': 0, 'number': 7, 'dict': {}, 'parts': ['a', 'b'], 'list': [{'a': 1}]}

def handler(event, context):
    return answers[event['data']]
`;
  served = await serve(scratch, [{ name: 'answers', runtime: 'python3', code }]);
  const bodies: Record<string, string> = {};
  for (const what of ['text', 'bytes', 'nothing', 'zero', 'number', 'dict', 'parts', 'list'])
    bodies[what] = await (await served.call('answers', what)).text();
  expect(bodies).toEqual({
    text: 'täxt',
    bytes: 'by',
    nothing: '',
    zero: '',
    number: '7',
    dict: '{}',
    parts: 'ab',
    list: '[{"a": 1}]',
  });
  await served.stop();
});

test('JavaScript and TypeScript, in each form of module', async () => {
  served = await serve(scratch, [
    {
      name: 'common',
      runtime: 'nodejs14',
      code: `module.exports = { handler: (event, context) => ({ got: event.data, of: context['function-name'] }) };`,
    },
    {
      name: 'standard',
      runtime: 'nodejs',
      code: `export const handler = async (event) => 'got ' + event.data.n;`,
    },
    {
      name: 'typed',
      runtime: 'typescript',
      code: `interface Data { n: number }\nexport function handler(event: { data: Data }): number { return event.data.n + 1; }`,
    },
    {
      name: 'whole',
      runtime: 'typescript',
      code: `export default (event: any) => { event.extensions.response.status(202).type('text/csv'); return 'a,b'; };`,
    },
    {
      name: 'throws',
      runtime: 'nodejs',
      code: `exports.handler = () => { throw new RangeError('too far'); };`,
    },
    { name: 'rejects', runtime: 'nodejs', code: `exports.handler = async () => { throw null; };` },
  ]);
  const ask = async (name: string) => {
    const response = await served?.call(name, { n: 1 });
    return [response?.status, response?.headers.get('content-type'), await response?.text()];
  };
  expect(await ask('common')).toEqual([200, 'application/json', '{"got":{"n":1},"of":"handler"}']);
  expect(await ask('standard')).toEqual([200, 'text/html; charset=utf-8', 'got 1']);
  expect(await ask('typed')).toEqual([200, 'application/json', '2']);
  expect(await ask('whole')).toEqual([202, 'text/csv', 'a,b']);
  expect(await ask('throws')).toEqual([
    500,
    'text/plain; charset=utf-8',
    'the function failed: it raised RangeError\n',
  ]);
  expect(await ask('rejects')).toEqual([
    500,
    'text/plain; charset=utf-8',
    'the function failed: it raised object\n',
  ]);
  await until('the error is told', () => /throws: RangeError: too far/.test(served?.program.err() ?? ''));
  // Of six functions none is found without a name.
  expect((await fetch(served.url)).status).toBe(404);
  expect((await fetch(`${served.url}/function/default/nobody/`)).status).toBe(404);
  const metrics = await (await fetch(`${served.url}/metrics`)).text();
  expect(metrics).toContain('function_calls_total{function="common",namespace="default",method="POST"} 1\n');
  expect(metrics).toContain(
    'function_failures_total{function="throws",namespace="default",method="POST"} 1\n',
  );
  expect(metrics).toContain(
    'function_duration_seconds_count{function="typed",namespace="default",method="POST"} 1\n',
  );
  const ownMetrics = await (await fetch(`${served.url}/function/default/typed/metrics`)).text();
  expect(ownMetrics).not.toContain('function="common"');
  await served.stop();
});

test('variables and a kubeconfig come from the command line', async () => {
  const kubeconfig = scratch.write('config', 'apiVersion: v1');
  const code = `
import os

def handler(event, context):
    with open(os.environ['KUBECONFIG']) as file:
        return ' '.join([file.read(), os.environ['GIVEN'], os.environ['OURS'], str('SECRET' in os.environ)])
`;
  served = await serve(scratch, [{ name: 'kube', runtime: 'python3', code }], {
    options: ['--kubeconfig', kubeconfig, '--env', 'GIVEN=given', '--env', 'OURS', '--env', 'ABSENT'],
    environment: { OURS: 'ours', SECRET: 'x' },
  });
  expect(await (await served.call('kube')).text()).toBe('apiVersion: v1 given ours False');
  await served.stop();
});

describe('the commands', () => {
  const manifest = () =>
    scratch.write(
      'hello.yaml',
      manifestOf([
        {
          name: 'hello',
          namespace: 'demo',
          runtime: 'nodejs',
          code: `exports.handler = (event) => 'hello ' + event.data.rule + ' ' + event['event-type'] + ' ' + event['event-namespace'];`,
        },
      ]),
    );

  test('list and call what is served', async () => {
    served = await serve(scratch, manifest());
    const url = ['--url', served.url];
    const listed = await run('peregrine', ['functions', 'list', ...url]);
    expect([listed.status, listed.out]).toEqual([
      0,
      `demo/hello  hello.handler  nodejs (Node ${process.versions.node})  0 running, 0 waiting\n`,
    ]);
    const json = await run('peregrine', ['functions', 'list', '--json', ...url]);
    expect(JSON.parse(json.out)).toMatchObject([{ name: 'hello', namespace: 'demo', running: 0 }]);
    const data = scratch.write('alert.json', '{"rule": "R"}');
    const called = await run('peregrine', ['functions', 'call', 'hello', '--data', data, ...url]);
    expect([called.status, called.out]).toEqual([0, 'hello R falco demo\n']);
    const inline = await run('peregrine', [
      'functions',
      'call',
      'demo/hello',
      '--data',
      '{"rule":"S"}',
      '--json',
      ...url,
    ]);
    expect(JSON.parse(inline.out)).toMatchObject({ status: 200, body: 'hello S falco demo' });
    const failed = await run('peregrine', [
      'functions',
      'call',
      'hello',
      '--data',
      'null',
      '--content-type',
      'x/y',
      ...url,
    ]);
    expect(failed.status).toBe(0);
    const unknown = await run('peregrine', ['functions', 'call', 'hullo', ...url]);
    expect([unknown.status, unknown.err]).toEqual([2, expect.stringContaining('there is: demo/hello')]);
    await served.stop();
  });

  test('call a function of a file without a server', async () => {
    const called = await run('peregrine', [
      'functions',
      'call',
      'hello',
      '--from',
      manifest(),
      '--data',
      '{"rule": "T"}',
    ]);
    expect([called.status, called.out, called.err]).toEqual([0, 'hello T falco demo\n', '']);
    const plain = scratch.write(
      'size.mjs',
      'export const handler = ({ data }) => { throw new Error(data); };',
    );
    spawnSync('chmod', ['755', scratch.folder]);
    const failed = await run('peregrine', ['functions', 'call', 'size', '--from', plain, '--data', '"x"']);
    expect([failed.status, failed.out]).toEqual([1, '']);
    expect(failed.err).toContain('`size` answered with status 500: the function failed: it raised Error');
  });

  test('list what files hold', async () => {
    const listed = await run('peregrine', ['functions', 'list', manifest()]);
    expect([listed.status, listed.out]).toEqual([0, 'demo/hello  hello.handler  nodejs  180 s  512 MiB\n']);
  });

  test('nothing is served there', async () => {
    const { status, err } = await run('peregrine', ['functions', 'list', '--url', 'http://127.0.0.1:1']);
    expect([status, err]).toEqual([
      1,
      expect.stringContaining('no functions are served at http://127.0.0.1:1'),
    ]);
  });

  test('everything that is wrong with manifests is said at once, with its place', async () => {
    const bad = scratch.write(
      'bad.yaml',
      `kind: Function\nmetadata: {name: Bad}\nspec:\n  runtime: ruby2.4\n  handler: x\n  timeout: never\n  function-content-type: base64+zip\n---\nkind: Function\nmetadata: {name: good}\nspec: {runtime: python3, handler: a.b, function: "", handlr: x}\n`,
    );
    const { status, out, err } = await run('peregrine', [
      'functions',
      'run',
      bad,
      scratch.path('absent.yaml'),
    ]);
    expect([status, out]).toEqual([1, '']);
    for (const line of [
      'error[function-file-unreadable]',
      'error[function-name]: `metadata.name` cannot be `Bad`',
      `${bad}:2:18`,
      'error[function-runtime]: there is no runtime `ruby2.4`',
      `${bad}:4:12`,
      'error[function-handler]: `spec.handler` cannot be `x`',
      'error[function-quantity]: `spec.timeout` cannot be `never`',
      'error[function-content-type]: `spec.function-content-type` cannot be `base64+zip`',
      'warning[unknown-key]: unknown key `spec.handlr`',
    ])
      expect(err).toContain(line);
  });

  test.each([
    [
      'import nowhere_to_be_found',
      '`default/f` cannot be started: the Python module `nowhere_to_be_found` is not installed for',
    ],
    ['def other(event, context): pass', '`default/f` cannot be started: it has no function `handler`'],
    ['raise ValueError("no")', '`default/f` cannot be started: ValueError: no'],
    ['def handler(:', '`default/f` cannot be started: SyntaxError: '],
    [
      'import os; os._exit(4)',
      '`default/f` cannot be started: its process ended with status 4 while it was loaded',
    ],
  ])('a Python function that cannot be loaded says why: %s', async (code, reason) => {
    const file = scratch.write('f.yaml', manifestOf([{ name: 'f', runtime: 'python3', code }]));
    const { status, err } = await run('peregrine', [
      'functions',
      'run',
      file,
      '--port',
      '0',
      '--python',
      '/usr/bin/python3',
    ]);
    expect([status, err]).toEqual([1, expect.stringContaining(reason)]);
    if (reason.includes('not installed')) expect(err).toContain('`--install-deps`');
  });

  test('a signal while functions are loaded ends it', async () => {
    const code = `import time\ntime.sleep(1000)\ndef handler(event, context): pass`;
    const file = scratch.write('f.yaml', manifestOf([{ name: 'f', runtime: 'python3', code }]));
    const program = start('peregrine', [
      'functions',
      'run',
      file,
      '--port',
      '0',
      '--python',
      '/usr/bin/python3',
    ]);
    const all = () => descendantsOf(program.child.pid ?? 0);
    await until('it loads', () => all().some(({ command }) => command.includes('bridge.py')));
    const processes = all();
    program.child.kill('SIGTERM');
    expect((await program.ended).status).toBe(0);
    await until('all are gone', () => stillThere(processes).length === 0);
  });

  test.skipIf(spawnSync('npm', ['--version']).status !== 0)(
    'deps of JavaScript are installed with npm',
    async () => {
      const folder = scratch.path('greeting');
      spawnSync('mkdir', [folder]);
      scratch.write(
        'greeting/package.json',
        '{"name": "greeting", "version": "1.0.0", "exports": "./index.js"}',
      );
      scratch.write('greeting/index.js', 'exports.text = "hello from a package";');
      spawnSync('chmod', ['-R', 'a+rX', scratch.folder]);
      const code = `import { text } from 'greeting';\nexport const handler = () => text;`;
      const more = [`deps: '{"dependencies": {"greeting": "file:${folder}"}}'`];
      const file = scratch.write('f.yaml', manifestOf([{ name: 'f', runtime: 'nodejs', code, more }]));
      const given = ['functions', 'call', 'f', '--from', file];
      const without = await run('peregrine', given);
      expect([without.status, without.err]).toEqual([
        1,
        expect.stringContaining('`greeting` is not installed'),
      ]);
      const installed = await run('peregrine', [
        ...given,
        '--install-deps',
        '--deps-folder',
        scratch.path('cache'),
      ]);
      expect([installed.status, installed.out]).toEqual([0, 'hello from a package\n']);
    },
  );

  test('deps are installed when that is asked for, from wherever pip is told', async () => {
    // A package is a zip file with a few lists in it.
    const wheel = scratch.path('greeting-1.0-py3-none-any.whl');
    const make = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    wheel.writestr('greeting.py', 'text = "hello from a package"')
    wheel.writestr('greeting-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: greeting\\nVersion: 1.0\\n')
    wheel.writestr('greeting-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr('greeting-1.0.dist-info/RECORD', '')
`;
    expect(spawnSync('/usr/bin/python3', ['-c', make, wheel]).status).toBe(0);
    spawnSync('chmod', ['-R', 'a+rX', scratch.folder]);
    const code = 'import greeting\ndef handler(event, context):\n    return greeting.text';
    const file = scratch.write(
      'f.yaml',
      manifestOf([{ name: 'f', runtime: 'python3', code, more: ['deps: greeting>=1.0'] }]),
    );
    const environment = {
      PIP_NO_INDEX: '1',
      PIP_FIND_LINKS: scratch.folder,
    };
    const given = ['functions', 'call', 'f', '--from', file, '--python', '/usr/bin/python3'];
    const installing = [...given, '--install-deps', '--deps-folder', scratch.path('cache')];
    const without = await run('peregrine', given, { environment });
    expect([without.status, without.err]).toEqual([
      1,
      expect.stringContaining('`greeting` is not installed'),
    ]);
    const installed = await run('peregrine', installing, { environment });
    expect([installed.status, installed.out]).toEqual([0, 'hello from a package\n']);
    // The second time nothing is installed: there is nothing to install from.
    const again = await run('peregrine', installing, {
      environment: { ...environment, PIP_FIND_LINKS: scratch.path('nowhere') },
    });
    expect([again.status, again.out]).toEqual([0, 'hello from a package\n']);
  });
});
