/** One hub with many outputs: every destination gets what it takes, whatever the alerts say. */

import { expect, test } from 'vitest';
import { datadogApi, datadoglogsApi } from '../packages/outputs/testing/apis/alerting.ts';
import {
  discordApi,
  googlechatApi,
  slackApi,
  telegramApi,
  webexApi,
  workflowApi,
} from '../packages/outputs/testing/apis/chats.ts';
import {
  alertApi,
  cliqApi,
  cloudeventsApi,
  dynatraceApi,
  gotifyApi,
  grafanaApi,
  kafkarestApi,
  oncallApi,
  slackLikeApi,
  spyderbatApi,
  webuiApi,
} from '../packages/outputs/testing/apis/others.ts';
import type { StrictApi } from '../packages/outputs/testing/apis/strict-body.ts';
import type { ReceivedRequest } from '../packages/outputs/testing/http-receiver.ts';
import { sampleAlerts } from '../packages/outputs/testing/sample-alerts.ts';
import { useHubBench } from './places.ts';
import { bugIn, run, start, until } from './program.ts';

/** On a machine that is busy with other tests. */
const LIMIT_MS = 60_000;
const KEY = '0123456789abcdef0123456789abcdef';

/** Where an output finds its destination; below the origin of the test's server. */
interface Place {
  readonly output: string;
  readonly path: string;
  readonly api: StrictApi;
  readonly settings: (origin: string) => Readonly<Record<string, string | boolean>>;
}

const places: readonly Place[] = [
  ...(
    [
      ['slack', slackApi],
      ['cliq', cliqApi],
      ['rocketchat', slackLikeApi],
      ['mattermost', slackLikeApi],
      ['webex', webexApi],
      ['discord', discordApi],
      ['googlechat', googlechatApi],
      ['grafanaoncall', oncallApi],
    ] as const
  ).map(([output, api]) => ({
    output,
    path: `/${output}`,
    api,
    settings: (origin: string) => ({ webhookurl: `${origin}/${output}` }),
  })),
  ...(
    [
      ['nodered', alertApi],
      ['n8n', alertApi],
      ['talon', alertApi],
      ['cloudevents', cloudeventsApi],
      ['kafkarest', kafkarestApi],
    ] as const
  ).map(([output, api]) => ({
    output,
    path: `/${output}`,
    api,
    settings: (origin: string) => ({ address: `${origin}/${output}` }),
  })),
  {
    output: 'teams',
    path: '/teams',
    api: workflowApi,
    settings: (origin) => ({ webhookurl: `${origin}/teams`, cardformat: 'adaptivecard' }),
  },
  {
    output: 'telegram',
    path: '/bot12:ab/sendMessage',
    api: telegramApi,
    settings: (host) => ({ host, token: '12:ab', chatid: '-100' }),
  },
  { output: 'datadog', path: '/api/v1/events', api: datadogApi, settings: (host) => ({ host, apikey: KEY }) },
  {
    output: 'datadoglogs',
    path: '/api/v2/logs',
    api: datadoglogsApi,
    settings: (host) => ({ host, apikey: KEY }),
  },
  {
    output: 'dynatrace',
    path: '/v2/logs/ingest',
    api: dynatraceApi,
    settings: (apiurl) => ({ apiurl, apitoken: 'abc' }),
  },
  {
    output: 'gotify',
    path: '/message',
    api: gotifyApi,
    settings: (hostport) => ({ hostport, token: 'abc' }),
  },
  {
    output: 'grafana',
    path: '/api/annotations',
    api: grafanaApi,
    settings: (hostport) => ({ hostport, apikey: 'abc', allfieldsastags: true }),
  },
  { output: 'webui', path: '/', api: webuiApi, settings: (url) => ({ url }) },
  {
    output: 'tekton',
    path: '/tekton',
    api: alertApi,
    settings: (origin) => ({ eventlistener: `${origin}/tekton` }),
  },
  {
    output: 'sumologic',
    path: '/sumologic',
    api: (request) =>
      request.body
        .trimEnd()
        .split('\n')
        .map((body) => alertApi({ ...request, body }))
        .find(({ status }) => status !== 200) ?? { status: 200 },
    settings: (origin) => ({ receiverurl: `${origin}/sumologic` }),
  },
  {
    output: 'spyderbat',
    path: '/api/v1/org/org/source/falcosidekick_org/data/sb-agent',
    api: spyderbatApi,
    settings: (apiurl) => ({ apiurl, orguid: 'org', apikey: 'abc' }),
  },
];

const bench = useHubBench();

test('every destination takes every alert', { timeout: 3 * LIMIT_MS }, async () => {
  const refused: string[] = [];
  bench.receiver.answer((request) => {
    const place = places.find(({ path }) => path === request.path);
    const answer = place?.api(request) ?? { status: request.method === 'GET' ? 200 : 201, body: '[]' };
    if (answer.status >= 300) refused.push(`${place?.output}: ${answer.body}`);
    return answer;
  });
  const sections = places.map(
    ({ output, settings }) => `${output}: ${JSON.stringify(settings(bench.receiver.origin))}\n`,
  );
  const config = bench.scratch.write(
    'config.yaml',
    `listenaddress: 127.0.0.1\nlistenport: 0\njournal: { path: ${bench.scratch.path('state')} }\n${sections.join('')}`,
  );
  bench.running = start('peregrine', ['hub', '-c', config]);
  const { err } = bench.running;
  await until('listening', () => err().includes('is up and listening on'), LIMIT_MS);
  const url = `http://127.0.0.1:${/listening on 127\.0\.0\.1:(\d+)/.exec(err())?.[1]}`;
  for (const [, { json }] of sampleAlerts) {
    expect((await fetch(url, { method: 'POST', body: json })).status).toBe(200);
  }

  const countOf = (place: Place): number =>
    bench.receiver.requests
      .filter(({ path }) => path === place.path)
      .reduce((sum, request) => sum + alertsIn(request), 0);
  const wanted = Object.fromEntries(places.map(({ output }) => [output, output === 'spyderbat' ? 1 : 4]));
  const counts = () => Object.fromEntries(places.map((place) => [place.output, countOf(place)]));
  await until(
    `all of ${JSON.stringify(wanted)}`,
    () => refused.length > 0 || JSON.stringify(counts()) === JSON.stringify(wanted),
    LIMIT_MS,
  );
  expect(refused).toEqual([]);
  expect(counts()).toEqual(wanted);
  expect(err()).toContain(
    'Enabled Outputs: [Slack Cliq Rocketchat Mattermost Teams Webex Datadog DatadogLogs Discord',
  );
  const bodiesAt = (path: string): readonly string[] =>
    bench.receiver.requests.filter((request) => request.path === path).map(({ body }) => body);
  // The same alerts in the same order, under the same identifiers.
  expect(bodiesAt('/talon')).toEqual(bodiesAt('/n8n'));
  expect(new Set(bodiesAt('/talon')).size).toBe(4);
  expect(bodiesAt('/')[0]).toContain('"outputs":["Slack","Cliq"');
  bench.running.child.kill('SIGTERM');
  const ended = await bench.running.ended;
  expect([ended.status, bugIn(ended)]).toEqual([0, '']);
});

test('an output that is tried shows no token, wherever it stands', { timeout: 2 * LIMIT_MS }, async () => {
  bench.receiver.answer(
    (request) => places.find(({ path }) => path === request.path)?.api(request) ?? { status: 500 },
  );
  const { origin } = bench.receiver;
  const config = bench.scratch.write(
    'config.yaml',
    [
      `telegram: { host: "${origin}", token: "12:ab", chatid: "-100" }`,
      `gotify: { hostport: "${origin}", token: hush }`,
      `n8n: { address: "${origin}/n8n", headerauthname: X-Falco, headerauthvalue: hush }`,
    ].join('\n'),
  );
  for (const [output, shown] of [
    ['telegram', `> POST ${origin}/bot***/sendMessage`],
    ['gotify', '> X-Gotify-Key: ***'],
    ['n8n', '> X-Falco: ***'],
  ] as const) {
    const ended = await run('peregrine', ['outputs', 'test', output, '-c', config]);
    expect([ended.status, ended.out]).toEqual([0, expect.stringContaining(shown)]);
    expect(ended.out + ended.err).not.toMatch(/12:ab|hush/);
  }
});

/** Some outputs send alerts together that wait together. */
function alertsIn({ path, body }: ReceivedRequest): number {
  if (path === '/sumologic') return body.trimEnd().split('\n').length;
  if (path === '/kafkarest')
    return (JSON.parse(body) as { readonly records: readonly unknown[] }).records.length; // Ours.
  return body.startsWith('[') ? (JSON.parse(body) as readonly unknown[]).length : 1; // Ours.
}
