/** Events for Azure Event Hubs, over HTTPS. */

import { createHmac } from 'node:crypto';
import { encodeJson, type HubAlert } from '@peregrine/alert';
import { Fault, Secret, schema, secret, text } from '@peregrine/base';
import { defineHttpSink, type SinkConfig, type SinkContext } from '../sink.ts';
import type { HttpClient } from '../transport/http-client.ts';
import { below } from './parts/address.ts';
import { fitAlert } from './parts/fit-alert.ts';
import { signedClient } from './parts/signed-client.ts';

/** The smallest tier takes 256 KB in one request. */
const MOST_ALERT_BYTES = 200_000;
const MOST_BATCH_BYTES = 100_000;
const SCOPE = 'https://eventhubs.azure.net/.default';
/** Tokens and signatures are used until this long before they end. */
const MARGIN_MS = 5 * 60_000;
const SIGNATURE_LASTS_MS = 60 * 60_000;

const config = schema({
  name: text({ default: '', doc: 'Name of the event hub.', example: 'falco' }),
  namespace: text({
    default: '',
    doc: 'Host of the namespace; the name alone will do for the public cloud.',
    example: 'my-namespace.servicebus.windows.net',
  }),
  connectionstring: secret({
    default: new Secret(''),
    doc: 'Connection string of a shared access policy that may send. Empty, we are who the machine or its environment says.',
  }),
});
type Config = SinkConfig<typeof config.keys, Record<never, never>>;

export const azureEventhub = defineHttpSink({
  name: 'azure.eventhub',
  title: 'EventHub',
  destination: 'azureeventhub',
  category: 'queues',
  doc: 'Sends each alert as an event to Azure Event Hubs.',
  config,
  enabledBy: ['name'],
  example: { name: 'falco', namespace: 'my-namespace.servicebus.windows.net' },
  refuses: (settings) => {
    const written = settings.connectionstring.reveal();
    if (written !== '' && policyIn(written) === undefined) {
      return [{ key: 'connectionstring', why: 'has no `SharedAccessKeyName` and `SharedAccessKey`' }];
    }
    return hostOf(settings) === undefined
      ? [{ key: 'namespace', why: 'is not set, and no connection string says it' }]
      : [];
  },
  request: (alert, settings) => ({
    url: addressOf(settings),
    headers: { 'content-type': 'application/atom+xml;type=entry;charset=utf-8' },
    body: fitAlert(alert, MOST_ALERT_BYTES).json,
  }),
  batch: {
    limits: () => ({ mostAlerts: 100, mostBytes: MOST_BATCH_BYTES, waitMs: 100 }),
    triesAlone: true,
    request: (alerts, settings) => ({
      url: addressOf(settings),
      headers: { 'content-type': 'application/vnd.microsoft.servicebus.json' },
      body: encodeJson(alerts.map((alert) => ({ Body: textOf(alert) }))),
    }),
  },
  client: (settings, context) => senderFor(settings, context),
});

function textOf(alert: HubAlert): string {
  return fitAlert(alert, MOST_ALERT_BYTES).json;
}

function addressOf(settings: Config): string {
  return `${below(hostOf(settings) ?? '', settings.name, 'messages')}?api-version=2014-01&timeout=60`;
}

/** With its scheme; `undefined`: nothing says it. */
function hostOf({ namespace, connectionstring }: Config): string | undefined {
  const host = namespace || policyIn(connectionstring.reveal())?.host;
  if (host === undefined || host === '') return undefined;
  if (/^https?:\/\//.test(host)) return host;
  return `https://${host.includes('.') ? host : `${host}.servicebus.windows.net`}`;
}

interface Policy {
  readonly name: string;
  readonly key: string;
  readonly host: string | undefined;
}

/** `Endpoint=sb://...;SharedAccessKeyName=...;SharedAccessKey=...`; keys end with `=`. */
function policyIn(connectionString: string): Policy | undefined {
  const parts = new Map(
    connectionString.split(';').map((part) => {
      const at = part.indexOf('=');
      return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    }),
  );
  const name = parts.get('SharedAccessKeyName');
  const key = parts.get('SharedAccessKey');
  if (name === undefined || key === undefined) return undefined;
  const host = /^sb:\/\/([^/]+)/.exec(parts.get('Endpoint') ?? '')?.[1];
  return { name, key, host };
}

async function senderFor(settings: Config, context: SinkContext): Promise<HttpClient> {
  const policy = policyIn(settings.connectionstring.reveal());
  const get =
    policy === undefined ? await tokens() : signatures(policy, addressOf(settings).split('?')[0] ?? '');
  let known: { readonly authorization: string; readonly endMs: number } | undefined;
  return signedClient(context, async () => {
    if (known === undefined || Date.now() > known.endMs - MARGIN_MS) known = await get();
    return { authorization: known.authorization };
  });
}

type GetAuthorization = () => Promise<{ readonly authorization: string; readonly endMs: number }>;

/** Whoever Azure's own library finds that we are: environment, workload, managed identity. */
async function tokens(): Promise<GetAuthorization> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  const credential = new DefaultAzureCredential();
  return async () => {
    const token = await credential.getToken(SCOPE);
    if (token === null) throw new Fault('output-unavailable', 'Azure gave no token');
    return { authorization: `Bearer ${token.token}`, endMs: token.expiresOnTimestamp };
  };
}

function signatures({ name, key }: Policy, resource: string): GetAuthorization {
  return async () => {
    const endMs = Date.now() + SIGNATURE_LASTS_MS;
    const target = encodeURIComponent(resource);
    const expiry = Math.floor(endMs / 1_000);
    const signature = createHmac('sha256', key).update(`${target}\n${expiry}`).digest('base64');
    const parts = [
      `sr=${target}`,
      `sig=${encodeURIComponent(signature)}`,
      `se=${expiry}`,
      `skn=${encodeURIComponent(name)}`,
    ];
    return { authorization: `SharedAccessSignature ${parts.join('&')}`, endMs };
  };
}
