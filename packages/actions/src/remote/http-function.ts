/** Calls a function, or anything else, over HTTP. */

import { readFileSync } from 'node:fs';
import { choice, flag, type Infer, integer, list, schema, text, textMap, url } from '@peregrine/base';
import {
  cloudEventHeaders,
  createHttpClient,
  type HttpAnswer,
  prepareRequest,
  reasonOf,
  retryAfterMs,
  type TlsTrust,
  textWithoutSecrets,
} from '@peregrine/outputs/remote';
import { type ActionOutcome, defineAction } from '../action.ts';
import { noTarget } from '../targets/none.ts';
import { fillText } from './environment-texts.ts';
import { outcomeOfRefusal } from './outcome-of-refusal.ts';
import { payloadOf } from './payload.ts';
import { doneWith, MOST_RESULT_BYTES } from './results.ts';

const MOST_BYTES = 4_000_000;
/** The signal that comes with a call ends it, this does not, milliseconds. */
const NO_LIMIT_MS = 3_600_000;

const parameters = schema({
  url: url({
    doc: "Address to call; `${NAME}` in its path and query is a variable of the hub's environment. Redirects are not followed.",
    example: 'https://functions.example.org/react',
  }),
  method: choice(['POST', 'PUT'], { default: 'POST', doc: 'Method of the request.' }),
  headers: textMap({
    default: {},
    doc: "Headers to add; `${NAME}` is a variable of the hub's environment, and never a field of the alert.",
    example: '{Authorization: "Bearer ${TOKEN}"}',
  }),
  cloudevents: flag({
    default: false,
    doc: 'Send it as a CloudEvent, its attributes in headers (binary mode).',
  }),
  expected_status: list(integer({ doc: 'A status.', min: 100, max: 599 }), {
    default: [],
    doc: 'Statuses that mean that it went well; none, all from 200 to 299.',
  }),
  check_cert: flag({ default: true, doc: "Check the server's certificate." }),
  ca_file: text({ default: '', doc: 'PEM file of authorities to trust beside those of the system.' }),
  cert_file: text({ default: '', doc: 'PEM file of our own certificate, for servers that ask who calls.' }),
  key_file: text({ default: '', doc: 'PEM file of its key.' }),
});
type Parameters = Infer<typeof parameters>;

export const httpFunction = defineAction({
  name: 'http:function',
  platform: 'remote',
  doc: 'Calls a function over HTTP with the alert, `trace_id` and `context` as JSON. What it answers, up to 64 KiB of JSON, is for `when` of later actions, `http_status` with it. `Idempotency-Key` is the same in every attempt. In a dry run, it is not called.',
  parameters,
  refuses: ({ url: address, cert_file, key_file, headers }) => [
    ...((cert_file === '') === (key_file === '')
      ? []
      : [
          {
            key: cert_file === '' ? 'cert_file' : 'key_file',
            why: 'is not set, and the other of the pair is',
          },
        ]),
    ...(new URL(address).username === '' && new URL(address).password === ''
      ? []
      : [{ key: 'url', why: 'has a name or a password in it: `headers` is the place for them' }]),
    ...Object.keys(headers)
      .filter((name) => !/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name))
      .map((name) => ({ key: 'headers', why: `has \`${name}\`, which is no name of a header` })),
  ],
  target: noTarget,
  continues: true,
  artifact: 'none',
  permissions: () => [],
  isRepeatable: false,
  timeoutMs: () => 30_000,
  examples: [
    {
      doc: 'A function behind a token',
      parameters: {
        url: 'https://functions.example.org/react',
        headers: { Authorization: 'Bearer ${REACT_TOKEN}' },
      },
    },
    {
      doc: 'A broker of Knative',
      parameters: {
        url: 'http://broker-ingress.knative-eventing.svc.cluster.local/default/default',
        cloudevents: true,
        expected_status: [202],
      },
    },
  ],
  run: async (call) => {
    const { alert, isDryRun, runId, signal } = call;
    const { url: written, method, cloudevents } = call.parameters;
    const what = `${method} ${shownAddress(written)}`;
    const filled = fill(call.parameters, call.ports.environment);
    if ('missing' in filled) return { kind: 'refused', reason: filled.missing };
    if (isDryRun) return { kind: 'done', summary: `would call ${what}` };
    const trust = readTrust(call.parameters);
    if ('trouble' in trust) return { kind: 'refused', reason: trust.trouble };
    const request = prepareRequest(
      {
        method,
        url: filled.url,
        headers: {
          'user-agent': 'peregrine',
          'content-type': 'application/json',
          ...(cloudevents ? cloudEventHeaders(alert, {}) : {}),
        },
        body: payloadOf(call, MOST_BYTES),
      },
      filled.headers,
      { deliveryId: runId },
    );
    const client = createHttpClient({
      tls: trust,
      timeoutMs: NO_LIMIT_MS,
      mostAnswerBytes: MOST_RESULT_BYTES + 1,
    });
    const answer = await client.send(request, signal);
    client.close();
    if ('trouble' in answer) {
      const reason = signal.aborted ? 'no answer before its time was over' : answer.trouble;
      return outcomeOfRefusal({ status: undefined, reason: `${what}: ${reason}`, isUnsent: answer.isUnsent });
    }
    return outcomeOf(answer, what, call.parameters, filled.secrets);
  },
});

function outcomeOf(
  answer: HttpAnswer,
  what: string,
  { expected_status: expected }: Parameters,
  secrets: readonly string[],
): ActionOutcome {
  const { status, headers, body } = answer;
  const isGood = expected.length === 0 ? status >= 200 && status < 300 : expected.includes(status);
  if (isGood) return doneWith(`called ${what} (${status})`, body, { http_status: status });
  // A good answer that is not the one that is wanted: something was done.
  const reason = textWithoutSecrets(`${what}: ${reasonOf(answer)}`, secrets);
  if (status < 300) return { kind: 'unknown', reason };
  return outcomeOfRefusal({ status, reason, afterMs: retryAfterMs(headers['retry-after'], Date.now()) });
}

type Filled = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
};

function fill(
  { url: written, headers }: Parameters,
  environment: Readonly<Record<string, string | undefined>>,
): Filled | { readonly missing: string } {
  const address = fillText(written, environment);
  const filled = Object.entries(headers).map(
    ([name, value]) => [name, fillText(value, environment)] as const,
  );
  const texts = [address, ...filled.map(([, found]) => found)];
  const [missing] = texts.flatMap((found) => found.missing);
  if (missing !== undefined) return { missing: `the hub's environment has no \`${missing}\`` };
  return {
    url: address.text,
    headers: Object.fromEntries(filled.map(([name, { text: value }]) => [name, value])),
    secrets: texts.flatMap(({ secrets }) => secrets),
  };
}

/** Without what is often as good as a password. */
function shownAddress(written: string): string {
  return written.replace(/[?#].*$/s, '');
}

function readTrust({
  check_cert: isChecked,
  ca_file: authority,
  cert_file: cert,
  key_file: key,
}: Parameters): TlsTrust | { readonly trouble: string } {
  try {
    return {
      isChecked,
      authorities: authority === '' ? [] : [readFileSync(authority, 'utf8')],
      identity:
        cert === '' ? undefined : { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') },
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { trouble: `a certificate cannot be read: ${why}` };
  }
}
