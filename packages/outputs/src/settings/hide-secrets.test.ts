/** No output tells what its settings keep secret, whatever destinations and libraries say. */

import type { Keys, ValueSchema } from '@peregrine/base';
import { describe, expect, test } from 'vitest';
import { sampleAlerts } from '../../testing/sample-alerts.ts';
import { exampleOf, sampleCall, settingsOf, type Written } from '../../testing/sink-contract.ts';
import { createTransmitter } from '../delivery/transmitter.ts';
import type { Sink } from '../sink.ts';
import { sinkRoster } from '../sinks/roster.ts';
import type { PreparedRequest } from '../transport/prepare-request.ts';
import { systemTrust } from '../transport/tls-trust.ts';
import { secretHider } from './hide-secrets.ts';
import { type SinkSettings, sectionSchemaOf } from './sink-settings.ts';

const MARK = 'hush"hush';
/** Secrets of a form of their own. */
const forms: Readonly<Record<string, string>> = {
  'azure.eventhub.connectionstring':
    'Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=hush"hush;EntityPath=e',
  'rabbitmq.url': 'amqp://user:hush%22hush@127.0.0.1:5672/',
  'otlp.logs.headers': 'api-key=hush"hush',
  'otlp.traces.headers': 'api-key=hush"hush',
  'otlp.metrics.headers': 'api-key=hush"hush',
};
/** What some secrets are not without. */
const besides: Readonly<Record<string, Written>> = {
  nodered: { user: 'somebody' },
  n8n: { user: 'somebody', headerauthname: 'X-Falco' },
};

/** Settings with a marked value for each key that is secret. */
function marked(sink: Sink): SinkSettings {
  const { keys } = sectionSchemaOf(sink);
  const headers = Object.hasOwn(keys, 'customheaders') ? { customheaders: { 'X-Api-Key': MARK } } : {};
  const own = { ...markedKeys(keys, sink.name, exampleOf(sink)), ...headers, ...besides[sink.name] };
  const shared =
    sink.shared === undefined ? {} : markedKeys(sink.shared.config.keys, sink.shared.name, undefined);
  return settingsOf(sink, own, shared);
}

function markedKeys(keys: Keys, prefix: string, example: Written | undefined): Written {
  const written: Record<string, string> = {};
  for (const [name, of] of Object.entries<ValueSchema<unknown>>(keys)) {
    if (of.type === 'secret text') written[name] = forms[`${prefix}.${name}`] ?? MARK;
    const address = example?.[name];
    if ((name === 'webhookurl' || name === 'receiverurl') && typeof address === 'string')
      written[name] = `${new URL(address).origin}/path/hush%22hush`;
  }
  return written;
}

/** Everything of a request, as a destination may repeat it. */
function echo({ url, headers, body }: PreparedRequest): string {
  return `${url.href}\n${JSON.stringify(headers)}\n${Buffer.from(body).toString('utf8')}`;
}

/** The output with a destination that repeats all that it knows. */
function withEcho(settings: SinkSettings, said: string): SinkSettings {
  const { sink } = settings;
  if (sink.kind === 'http') {
    const client = async () => ({
      send: async (request: PreparedRequest) => ({ status: 400, headers: {}, body: echo(request) + said }),
      close: () => {},
    });
    return { ...settings, sink: { ...sink, client } };
  }
  const open: typeof sink.open = async (_config, { debug }) => {
    debug(said);
    return { send: async () => ({ kind: 'retry', reason: said, afterMs: undefined }), close: async () => {} };
  };
  return { ...settings, sink: { ...sink, open } };
}

const secretsOf = (sink: Sink): readonly string[] =>
  [...Object.entries(sectionSchemaOf(sink).keys), ...Object.entries(sink.shared?.config.keys ?? {})]
    .filter(([name, { type }]) => type === 'secret text' || name === 'webhookurl' || name === 'receiverurl')
    .map(([name]) => name);

const usable = sinkRoster.filter(({ retired }) => retired === undefined);

test('outputs have secrets, so that there is something to hide', () => {
  expect(usable.filter((sink) => secretsOf(sink).length > 0).length).toBeGreaterThan(40);
});

describe.each(usable)('$name', (sink) => {
  test('tells none of its secrets', async () => {
    const settings = marked(sink);
    const lines: string[] = [];
    const said = `wrong: ${MARK} ${encodeURIComponent(MARK)} ${JSON.stringify(MARK)} ${forms['rabbitmq.url']}`;
    const [alert] = sampleAlerts[0] === undefined ? [] : [sampleAlerts[0][1]];
    if (alert === undefined) throw new Error('there is no sample');
    const hide = secretHider(settings);
    const transmitter = createTransmitter(withEcho(settings, secretsOf(sink).length > 0 ? said : ''), {
      hub: sampleCall.hub,
      tls: systemTrust,
      nowMs: () => sampleCall.nowMs,
      environment: {},
      debug: (line) => lines.push(line),
      onExchange: (request) => lines.push(hide(Buffer.from(request.body).toString('utf8'))),
    });
    const { outcomes, notes } = await transmitter.send(
      [{ alert, sentCount: 0 }],
      new AbortController().signal,
    );
    await transmitter.close();
    const told = [...lines, ...notes, JSON.stringify(outcomes)].join('\n');
    expect(told).not.toMatch(/hush/);
    // Nor do settings that somebody prints.
    const printed = { ...settings.config, customheaders: {}, webhookurl: '', receiverurl: '' };
    expect(JSON.stringify(printed)).not.toMatch(/hush/);
  });
});

test('an address shows no password that is in it', () => {
  const webhook = sinkRoster.find(({ name }) => name === 'webhook');
  if (webhook === undefined) throw new Error('there is no webhook');
  const hide = secretHider(settingsOf(webhook, { address: 'https://user:hush%2Fhush@example.org/in' }));
  expect(hide('https://user:hush%2Fhush@example.org/in, user and hush/hush')).toBe(
    'https://user:***@example.org/in, user and ***',
  );
});

test('a secret that is part of every other word garbles nothing', () => {
  const elasticsearch = sinkRoster.find(({ name }) => name === 'elasticsearch');
  if (elasticsearch === undefined) throw new Error('there is no elasticsearch');
  expect(secretHider(settingsOf(elasticsearch, { apikey: 'k' }))('cannot make it')).toBe('cannot make it');
});
