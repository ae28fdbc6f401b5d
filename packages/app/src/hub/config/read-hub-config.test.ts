import { expect, test } from 'vitest';
import { loadHubConfig } from '../load-hub-config.ts';

function load(yaml: string, environment: Readonly<Record<string, string>> = {}) {
  return loadHubConfig({ file: 'config.yaml', environment, read: () => yaml });
}

/** Code, message and place of each finding. */
async function findingsOf(yaml: string, environment: Readonly<Record<string, string>> = {}) {
  const { config, diagnostics } = await load(yaml, environment);
  return {
    isUsable: config !== undefined,
    found: diagnostics.map(({ severity, message, span }) => [
      severity,
      message,
      span === undefined ? undefined : `${span.file}:${span.start.line}:${span.start.column}`,
    ]),
  };
}

/** As people copy it from the documentation: every key there, all of them empty. */
const SAMPLE = `
listenaddress: ""
listenport: 2801
debug: false
customfields:
  Akey: "AValue"
  bkey: "BValue"
templatedfields:
bracketreplacer: "_"
mutualtlsfilespath: "/etc/certs"
slack:
  webhookurl: ""
  outputformat: "all"
  minimumpriority: ""
  messageformat: ""
alertmanager:
  hostport: ""
  endpoint: ""
webhook:
  address: ""
  customHeaders:
`;

test('a configuration in which everything is empty is one in which everything is off', async () => {
  const { config, diagnostics } = await load(SAMPLE);
  expect(diagnostics).toEqual([]);
  expect(config).toMatchObject({
    settings: { listenport: 2801, listenaddress: '' },
    customFields: { akey: 'AValue', bkey: 'BValue' },
    outputs: [],
  });
});

test('nothing at all is a configuration, too', async () => {
  const { config } = await loadHubConfig({ file: undefined, environment: {}, read: () => '' });
  expect(config?.settings).toMatchObject({
    listenport: 2801,
    journal: { whenfull: 'drop_oldest', sync: 'always' },
  });
  expect((await load('')).config?.outputs).toEqual([]);
});

test('outputs are on as their keys say, in the file or in the environment, which wins', async () => {
  const { config } = await load(
    'slack: { webhookurl: https://hooks.example.org/a, MinimumPriority: error }',
    {
      WEBHOOK_ADDRESS: 'http://127.0.0.1:9/',
      WEBHOOK_CUSTOMHEADERS: 'X-A:1,X-Url:http://x:8080/y',
      SLACK_WEBHOOKURL: 'https://hooks.example.org/b',
      SLACK_CHANNEL: '',
      ALERTMANAGER_HOSTPORT: 'http://a:9093,http://b:9093',
      LISTENPORT: '1234',
    },
  );
  expect(config?.settings.listenport).toBe(1234);
  expect(config?.outputs).toMatchObject([
    {
      id: 'slack',
      config: { webhookurl: 'https://hooks.example.org/b', channel: '' },
      common: { minimumpriority: 'Error' },
    },
    { id: 'alertmanager', config: { hostport: ['http://a:9093', 'http://b:9093'] } },
    { id: 'webhook', common: { customheaders: { 'X-A': '1', 'X-Url': 'http://x:8080/y' } } },
  ]);
});

test('everything that is wrong is told at once, with its place', async () => {
  const yaml = [
    'listenaddress: localhost',
    'debug: perhaps',
    'customfields: { a: "%NOT_THERE", b: "%THERE" }',
    'templatedfields:',
    '  t: "{{ .a"',
    'slack:',
    '  webhookurl: hooks.slack.com/x',
    '  minimumpriority: eror',
    '  colour: red',
    'webhok: { address: http://x }',
    'tlsserver: { notlspaths: [/metrics, /nope], mutualtls: true }',
    'prometheus: { extralabels: "k8s.ns.name, proc.aname[2]" }',
  ].join('\n');
  expect(await findingsOf(yaml, { THERE: 'v' })).toEqual({
    isUsable: false,
    found: [
      ['warning', 'unknown key `webhok`', 'config.yaml:10:9'],
      ['error', '`debug` takes true or false, not `perhaps`', 'config.yaml:2:8'],
      ['warning', 'unknown key `slack.colour`', 'config.yaml:9:11'],
      [
        'error',
        '`slack.webhookurl` is `hooks.slack.com/***`, which is not an http or https address',
        'config.yaml:7:15',
      ],
      [
        'error',
        '`slack.minimumpriority` is `eror`: this is no priority: did you mean `error`?',
        'config.yaml:8:20',
      ],
      ['error', '`listenaddress` is `localhost`, and must be an IP address', 'config.yaml:1:16'],
      ['error', '`tlsserver.notlspaths` has `/nope`', 'config.yaml:11:12'],
      ['warning', '`tlsserver.mutualtls` does nothing unless `tlsserver.deploy` is on', 'config.yaml:11:12'],
      ['warning', '`tlsserver.notlspaths` does nothing unless `tlsserver.deploy` is on', 'config.yaml:11:12'],
      [
        'warning',
        '`customfields.a` is left out: there is no environment variable `NOT_THERE`',
        'config.yaml:3:20',
      ],
      ['error', '`templatedfields.t`: `{{` is not closed, at character 1', 'config.yaml:5:6'],
      [
        'warning',
        '`prometheus.extralabels` has `proc.aname[2]`, which cannot be the name of a label',
        'config.yaml:12:13',
      ],
    ],
  });
});

test('a key that stands twice, and text in the place of a map, are told', async () => {
  const yaml =
    'slack: { webhookurl: https://a.example.org/x }\ncustomfields: nothing\nslack:\n  channel: x\n';
  expect(await findingsOf(yaml, { WEBHOOK_ADDRESS: 'nowhere', WEBHOOK_CUSTOMHEADERS: 'X-A:1,X-B' })).toEqual({
    isUsable: false,
    found: [
      ['error', '`slack` is here for a second time', 'config.yaml:3:1'],
      ['error', '`customfields` takes a map of texts, not a single value', 'config.yaml:2:15'],
      [
        'error',
        '`webhook.address` is `nowhere`, which is not an http or https address',
        '$WEBHOOK_ADDRESS:1:1',
      ],
      [
        'error',
        '`webhook.customheaders` takes a map of texts, not a single value',
        '$WEBHOOK_CUSTOMHEADERS:1:1',
      ],
    ],
  });
});

test('what is wrong elsewhere makes no output and no schedule unknown', async () => {
  const yaml =
    'slack: { webhookurl: nowhere }\nschedules: [ { name: day, days: [someday] } ]\nroutes: [ { outputs: [slack], schedule: day } ]\n';
  const { found } = await findingsOf(yaml);
  expect(found.map(([, message]) => message)).toEqual([
    expect.stringContaining('`schedules[0].days[0]` cannot be `someday`'),
    expect.stringContaining('`slack.webhookurl` is `nowhere`'),
  ]);
});

test('what is no YAML, no map, or not there is told', async () => {
  expect(await findingsOf('a: [')).toMatchObject({
    isUsable: false,
    found: [['error', expect.any(String), expect.any(String)]],
  });
  expect(await findingsOf('- a')).toMatchObject({ isUsable: false });
  const { config, diagnostics } = await loadHubConfig({
    file: 'gone.yaml',
    environment: {},
    read: () => {
      throw new Error('ENOENT');
    },
  });
  expect([config, diagnostics.length]).toEqual([undefined, 1]);
});

test('what Kubernetes says of a service is no setting', async () => {
  expect(await findingsOf('', { LISTENPORT: 'tcp://10.0.0.1:2801' })).toEqual({
    isUsable: true,
    found: [
      [
        'warning',
        'the environment variable `LISTENPORT` is about a service, and is not taken for a setting',
        undefined,
      ],
    ],
  });
});

test('routes and their like are in the file only, whatever the environment has under their names', async () => {
  expect(await findingsOf('', { ROUTES: 'x', NOISE: 'loud' })).toEqual({ isUsable: true, found: [] });
});

test('fields of the environment keep their letter case, those of the file do not', async () => {
  const { config } = await load('customfields: { Team: red }');
  expect(config?.customFields).toEqual({ team: 'red' });
  const other = await load('', { CUSTOMFIELDS: 'Team:red,Url:http://x' });
  expect(other.config?.customFields).toEqual({ Team: 'red', Url: 'http://x' });
  const both = await load('customfields: { Team: red, zone: a }', { CUSTOMFIELDS: 'zone:b,Own:c' });
  expect(both.config?.customFields).toEqual({ team: 'red', zone: 'b', Own: 'c' });
  expect([...(both.config?.extraLabels.keys() ?? [])]).toEqual(['team', 'zone', 'Own']);
});

test('labels are those of the user, and of fields that the user adds', async () => {
  const { config } = await load('prometheus: { extralabels: [proc.name] }\ncustomfields: { my.team: red }');
  expect([...(config?.extraLabels ?? [])]).toEqual([
    ['proc.name', 'proc_name'],
    ['my.team', 'my_team'],
  ]);
});

test('routes, silences and noise are checked with the rest', async () => {
  const yaml = [
    'slack: { webhookurl: https://hooks.example.org/a }',
    'schedules: [ { name: night, from: "25:00" }, { name: day, timezone: Europe/Vienna, days: [mon], from: "9:00", to: "17:00" } ]',
    'silences: [ { condition: "rule = (", until: 2020-01-01T00:00:00Z } ]',
    'routes:',
    '  - condition: priority >= error and k8s.ns.name = prod',
    '    outputs: [slack, pagerdty, kafka]',
    '    schedule: noon',
    '  - outputs: []',
    'noise: [ { window: 10ms } ]',
  ].join('\n');
  expect(await findingsOf(yaml)).toEqual({
    isUsable: false,
    found: expect.arrayContaining([
      ['error', '`noise[0].window` is `10ms`: at least 1000 ms are wanted', 'config.yaml:9:20'],
      [
        'error',
        '`schedules[0].from` is `25:00`, which is no time of day such as `09:00`',
        'config.yaml:2:35',
      ],
      ['error', expect.stringContaining('`silences[0].condition`: '), 'config.yaml:3:26'],
      ['warning', '`silences[0]` has ended', 'config.yaml:3:13'],
      ['error', '`routes[0].outputs` names `pagerdty`, which is no output that is on', 'config.yaml:5:5'],
      ['error', '`routes[0].schedule` is `noon`, and there is no such schedule', 'config.yaml:5:5'],
    ]),
  });
});

test('routes that are as they should be are compiled', async () => {
  const { config, diagnostics } = await load(
    'slack: { webhookurl: https://hooks.example.org/a }\nroutes: [ { name: r, condition: tags = x, outputs: slack } ]\nnoise: [ {} ]',
  );
  expect(diagnostics).toEqual([]);
  expect(config?.routing).toMatchObject({
    routes: [{ name: 'r', outputs: ['slack'] }],
    noise: [{ name: '1', windowMs: 300_000, most: 1, hasRollUp: true }],
  });
});
