/** Alerts as POST requests, one for each, in order. */

import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { delivered, flag, type Infer, integer, type Outcome, schema, text } from '@peregrine/base';
import { createAgent } from '../transport/http-agent.ts';
import { reasonOf } from '../transport/write-all.ts';
import { defineDirectSink, type Output, type OutputContext, type RenderedAlert } from './direct-sink.ts';

/** More of an answer than this is read and thrown away. */
const MOST_ECHO_BYTES = 1 << 20;

const config = schema({
  enabled: flag({ default: false, doc: 'Whether alerts are posted.' }),
  url: text({ default: '', doc: 'Address that takes the alerts.', example: 'https://alerts.example.org/in' }),
  user_agent: text({ default: 'falcosecurity/falco', doc: 'Name to give in each request.' }),
  insecure: flag({ default: false, doc: "Do not check the server's certificate nor its name." }),
  ca_cert: text({
    default: '',
    doc: 'File with the certificate of the authority to trust; wins over the next two.',
  }),
  ca_bundle: text({
    default: '',
    doc: 'File with the certificates of authorities to trust; wins over the next.',
  }),
  ca_path: text({
    default: '/etc/ssl/certs',
    doc: 'Folder with certificates of authorities, named by hash.',
  }),
  mtls: flag({ default: false, doc: 'Present a certificate of our own.' }),
  client_cert: text({ default: '/etc/ssl/certs/client.crt', doc: 'File with our certificate.' }),
  client_key: text({ default: '/etc/ssl/certs/client.key', doc: "File with our certificate's key." }),
  echo: flag({ default: false, doc: "Copy the server's answers to standard output." }),
  compress_uploads: flag({ default: false, doc: 'Offer compressed transfer encoding.' }),
  keep_alive: flag({ default: false, doc: 'Keep the connection open between alerts.' }),
  max_consecutive_timeouts: integer({
    default: 5,
    min: 0,
    max: 255,
    doc: 'How often an alert is sent again when the server does not answer in time. Other failures are final.',
  }),
});
type HttpConfig = Infer<typeof config>;

export const http = defineDirectSink({
  name: 'http',
  doc: 'Posts each alert to a web address.',
  config,
  refuses: ({ url }) => {
    if (url === '') return '`http_output.url` is not set';
    const parsed = URL.parse(unquoted(url));
    if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return undefined;
    return `\`http_output.url\` is \`${url}\`, which is not an http or https address`;
  },
  open: async (settings: HttpConfig, context: OutputContext): Promise<Output> => {
    const target = new URL(unquoted(settings.url));
    const { request } = target.protocol === 'https:' ? await import('node:https') : await import('node:http');
    let agent = await createAgent(target, settings);

    async function post(line: string, signal: AbortSignal): Promise<Outcome> {
      for (let attempt = 0; ; attempt++) {
        const outcome = await postOnce({ request, target, line, settings, context, agent, signal });
        if (outcome.kind !== 'retry') return outcome;
        if (attempt >= settings.max_consecutive_timeouts || signal.aborted) {
          return { kind: 'rejected', reason: `${outcome.reason}, ${attempt + 1} times` };
        }
      }
    }

    return {
      mostPerSend: 1,
      send: async (batch: readonly RenderedAlert[], signal: AbortSignal): Promise<Outcome> => {
        let failure: Outcome | undefined;
        for (const { line } of batch) {
          const outcome = await post(line, signal);
          if (outcome.kind !== 'delivered') failure = outcome;
        }
        return failure ?? delivered;
      },
      reopen: async () => {
        agent.destroy();
        agent = await createAgent(target, settings);
      },
      close: async () => agent.destroy(),
    };
  },
});

interface Post {
  readonly request: (
    target: URL,
    options: RequestOptions,
    onAnswer: (answer: IncomingMessage) => void,
  ) => ClientRequest;
  readonly target: URL;
  readonly line: string;
  readonly settings: HttpConfig;
  readonly context: OutputContext;
  readonly agent: Agent;
  readonly signal: AbortSignal;
}

/** `retry` stands for no answer in time, and for nothing else. */
function postOnce({ request, target, line, settings, context, agent, signal }: Post): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const limit = AbortSignal.timeout(context.timeoutMs);
  const body = Buffer.from(line, 'utf8');
  const outgoing = request(
    target,
    {
      method: 'POST',
      agent,
      signal: AbortSignal.any([signal, limit]),
      headers: {
        'content-type': context.isJson ? 'application/json' : 'text/plain',
        'content-length': body.length,
        'user-agent': settings.user_agent,
        ...(settings.compress_uploads ? { te: 'gzip', connection: 'TE' } : {}),
      },
    },
    (answer) => {
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (settings.echo && size <= MOST_ECHO_BYTES) chunks.push(chunk);
      });
      answer.on('error', fail);
      answer.on('end', () => {
        if (settings.echo) process.stdout.write(Buffer.concat(chunks));
        const status = answer.statusCode ?? 0;
        if (status < 400) resolve(delivered);
        else resolve({ kind: 'rejected', reason: `${target.origin} answered with status ${status}` });
      });
    },
  );

  function fail(error: Error): void {
    if (limit.aborted) {
      resolve({
        kind: 'retry',
        reason: `${target.origin} did not answer within ${context.timeoutMs} ms`,
        afterMs: undefined,
      });
    } else {
      resolve({ kind: 'rejected', reason: `${target.origin}: ${reasonOf(error) || 'no connection'}` });
    }
  }

  outgoing.on('error', fail);
  outgoing.end(body);
  return promise;
}

/** The reference takes an address in quotes, too. */
function unquoted(url: string): string {
  return /^(["']).*\1$/s.test(url) ? url.slice(1, -1) : url;
}
