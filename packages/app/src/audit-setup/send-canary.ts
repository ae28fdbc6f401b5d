/** An event that no rule means, sent to a source's web server: who gets 200 for it knows that it went all the way. */

import { createHmac, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { objectIn, Secret } from '@peregrine/base';
import type { WantedFeed } from '../plugins/loaded-plugins.ts';
import { readInitConfig } from '../plugins/source-plugin.ts';
import type { Finding } from './check-api-server.ts';

const LIMIT_MS = 10_000;
/** These go without saying in an address, even when they were said. */
const HTTP_PORT = 80;
const HTTPS_PORT = 443;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** What the configuration says that senders must have. */
interface Credentials {
  readonly certificate: string;
  readonly token: string;
  readonly signingSecret: string;
}

export async function sendCanary({ plugin, initConfig, openParams }: WantedFeed): Promise<Finding> {
  const url = urlOf(openParams, plugin.web);
  const { value } = readInitConfig(plugin.name, plugin.settings, initConfig);
  try {
    const { status, text } = await send(new URL(url), canaryOf(plugin.source), credentialsIn(value));
    if (status === 200) return { isGood: true, text: `${url} took an event, and has run the rules on it` };
    return { isGood: false, text: `${url} answered ${status}: ${text}` };
  } catch (error) {
    return findingOf(error, url);
  }
}

/** Without a host it listens on all addresses, this machine's own among them. */
function urlOf(openParams: string, web: WantedFeed['plugin']['web']): string {
  const [, scheme = '', host = '', port = web?.port, path = web?.path] =
    /^(https?:\/\/)(\[[^\]]*\]|[^:/]*)(?::(\d+))?(\/.*)?$/.exec(openParams) ?? [];
  return `${scheme}${host || '127.0.0.1'}:${port}${path}`;
}

function findingOf(error: unknown, url: string): Finding {
  const why = error instanceof Error ? error.message : String(error);
  if (/certificate.required|bad.certificate/i.test(why))
    return {
      isGood: true,
      text: `${url} is there, and asks for a client certificate, which this check has not: no event was sent`,
    };
  return {
    isGood: false,
    text: `${url} cannot be reached: ${why}`,
    hint: 'it listens while `peregrine up` or `falco` runs with this configuration',
  };
}

function canaryOf(source: string): unknown {
  const stamp = new Date().toISOString();
  return source === 'k8s_audit'
    ? {
        ...{ kind: 'Event', apiVersion: 'audit.k8s.io/v1', level: 'Metadata', stage: 'ResponseComplete' },
        ...{ auditID: `peregrine-canary-${Date.now()}`, verb: 'get', requestURI: '/peregrine-canary' },
        user: { username: 'system:peregrine-canary', groups: [] },
        responseStatus: { code: 200 },
        ...{ requestReceivedTimestamp: stamp, stageTimestamp: stamp },
      }
    : { peregrine_canary: stamp };
}

function credentialsIn(settings: unknown): Credentials {
  const values = objectIn(settings) ?? {};
  const secret = (value: unknown): string => (value instanceof Secret ? value.reveal() : '');
  return {
    certificate: typeof values.sslCertificate === 'string' ? values.sslCertificate : '',
    token: secret(values.bearer_token),
    signingSecret: secret(values.webhook_secret),
  };
}

async function send(url: URL, canary: unknown, credentials: Credentials): Promise<Answer> {
  const body = JSON.stringify(canary);
  const { token, signingSecret } = credentials;
  const signature = createHmac('sha256', signingSecret).update(body).digest('hex');
  const socket = await connected(url, credentials);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sending = request(url.href.replace(/^https:/, 'http:'), {
    method: 'POST',
    createConnection: () => socket,
    signal: AbortSignal.timeout(LIMIT_MS),
    headers: {
      ...{ 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(signingSecret === ''
        ? {}
        : { 'x-github-event': 'ping', 'x-hub-signature-256': `sha256=${signature}` }),
    },
  });
  sending.on('response', async (response) => {
    let text = '';
    for await (const piece of response) text += piece;
    resolve({ status: response.statusCode ?? 0, text: text.trim() });
  });
  sending.on('error', reject);
  sending.end(body);
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

/** Secrets go to nobody but the holder of the certificate that the configuration names. */
async function connected(url: URL, { certificate }: Credentials): Promise<Socket> {
  const isTls = url.protocol === 'https:';
  const target = {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || (isTls ? HTTPS_PORT : HTTP_PORT)),
    timeout: LIMIT_MS,
  };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = isTls
    ? connectTls({ ...target, rejectUnauthorized: false }, resolve)
    : connectPlain(target, resolve);
  socket.once('error', reject);
  socket.once('timeout', () => reject(new Error('it does not answer')));
  await promise;
  if (isTls && 'getPeerX509Certificate' in socket) {
    const expected = new X509Certificate(readFileSync(certificate)).fingerprint256;
    if (socket.getPeerX509Certificate()?.fingerprint256 !== expected) {
      socket.destroy();
      throw new Error(`it shows another certificate than that of \`${certificate}\``);
    }
  }
  return socket;
}
