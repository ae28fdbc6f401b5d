/** Calls a function of Google Cloud by its own address. */

import {
  Fault,
  type Infer,
  integer,
  objectIn,
  optional,
  parseObject,
  schema,
  text,
  textIn,
  url,
} from '@peregrine/base';
import {
  beforeAbort,
  type GoogleSettings,
  googleClient,
  googleIdentityClient,
  googleProject,
  googleSection,
  googleUrl,
  type HttpAnswer,
  type HttpTrouble,
  prepareRequest,
  reasonOf,
  retryAfterMs,
  systemTrust,
} from '@peregrine/outputs/remote';
import { type ActionCall, type ActionOutcome, defineAction } from '../action.ts';
import { settingsOf } from '../hub-section.ts';
import { noTarget } from '../targets/none.ts';
import { outcomeOfRefusal } from './outcome-of-refusal.ts';
import { payloadOf } from './payload.ts';
import { doneWith } from './results.ts';

/** A function takes 10 MB in one call. */
const MOST_BYTES = 4_000_000;
/** The signal that comes with a call ends it, this does not, milliseconds. */
const NO_LIMIT_MS = 3_600_000;
const USUAL_TIMEOUT_S = 60;

const link = { tls: systemTrust, timeoutMs: NO_LIMIT_MS };
const section = { section: googleSection.name, schema: googleSection.config };

const parameters = schema({
  gcp_function_name: text({ doc: 'Name of the function.', example: 'falco-react' }),
  gcp_function_location: text({ doc: 'Region that it runs in.', example: 'us-central1' }),
  gcp_function_timeout: integer({
    default: 0,
    min: 0,
    max: 3_600,
    doc: `Seconds that it may take to answer; 0 is ${USUAL_TIMEOUT_S}.`,
  }),
  gcp_project: text({ default: '', doc: 'Project that it is in; empty, that of the credentials.' }),
  gcp_function_url: optional(
    url({
      doc: 'Its address, where it need not be looked up.',
      example: 'https://falco-react-x-uc.a.run.app',
    }),
  ),
  gcp_endpoint: optional(url({ doc: 'Address of Cloud Functions, where it is not the usual one.' })),
});
type Parameters = Infer<typeof parameters>;
type Call = ActionCall<Parameters, unknown>;

export const gcpFunction = defineAction({
  name: 'gcp:function',
  platform: 'remote',
  doc: 'Calls a function of Google Cloud with the alert, `trace_id` and `context` as JSON, and an identity token. What it answers is for `when` of later actions. In a dry run, its address is looked up and it is not called. Google must allow `run.routes.invoke`, and `cloudfunctions.functions.get` without `gcp_function_url`.',
  settings: section,
  parameters,
  refuses: ({ gcp_function_name: name, gcp_function_location: location }) => [
    ...(/^[A-Za-z][A-Za-z0-9_-]*$/.test(name)
      ? []
      : [{ key: 'gcp_function_name', why: 'is no name of a function' }]),
    ...(/^[a-z0-9-]+$/.test(location) ? [] : [{ key: 'gcp_function_location', why: 'is no region' }]),
  ],
  target: noTarget,
  continues: true,
  artifact: 'none',
  permissions: () => [],
  isRepeatable: false,
  timeoutMs: ({ gcp_function_timeout: seconds }) => (seconds === 0 ? USUAL_TIMEOUT_S : seconds) * 1_000,
  examples: [
    {
      doc: 'By its name',
      parameters: { gcp_function_name: 'falco-react', gcp_function_location: 'us-central1' },
    },
    {
      doc: 'By its address as well, which is not looked up then',
      parameters: {
        gcp_function_name: 'falco-react',
        gcp_function_location: 'us-central1',
        gcp_function_timeout: 10,
        gcp_function_url: 'https://falco-react-x-uc.a.run.app',
      },
    },
  ],
  run: async (call) => {
    const settings = settingsOf(section, call.ports.settings);
    const what = `function ${call.parameters.gcp_function_name} of ${call.parameters.gcp_function_location}`;
    try {
      const found = await addressOf(call, settings);
      if ('kind' in found) return found;
      if (call.isDryRun) return { kind: 'done', summary: `would call ${what} at ${found.address}` };
      const answer = await post(call, settings, found.address);
      const isGood = 'status' in answer && answer.status === 200;
      return isGood
        ? doneWith(`called ${what}`, answer.body, { http_status: 200 })
        : refusalOf(answer, what, call.signal);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // What credentials are wrong only the operator can change; what is not found may be there soon. Nothing was called.
      return error instanceof Fault
        ? { kind: 'refused', reason }
        : { kind: 'retry', reason, afterMs: undefined };
    }
  },
});

async function addressOf(
  { parameters: of, signal }: Call,
  settings: GoogleSettings,
): Promise<{ readonly address: string } | ActionOutcome> {
  if (of.gcp_function_url !== undefined) return { address: of.gcp_function_url };
  const { gcp_function_name: name, gcp_function_location: location, gcp_endpoint: endpoint } = of;
  const project = of.gcp_project === '' ? await projectOf(settings, signal) : of.gcp_project;
  const place = ['projects', project, 'locations', location, 'functions', name];
  const href = googleUrl(endpoint, 'https://cloudfunctions.googleapis.com', 'v2', ...place);
  const client = await googleClient(settings, link);
  const answer = await client.send(
    prepareRequest({ method: 'GET', url: href }, {}, { deliveryId: name }),
    signal,
  );
  client.close();
  if (!('status' in answer) || answer.status !== 200) {
    const looked = refusalOf(answer, `address of function ${name}`, signal);
    // Looking changes nothing, whatever came of it.
    return looked.kind === 'unknown' ? { kind: 'retry', reason: looked.reason, afterMs: undefined } : looked;
  }
  const found = parseObject(answer.body);
  const address = textIn(objectIn(found?.serviceConfig)?.uri) || textIn(found?.url);
  if (/^https?:\/\//.test(address)) return { address };
  return { kind: 'refused', reason: `function ${name} has no address: it may still be deployed` };
}

function projectOf(settings: GoogleSettings, signal: AbortSignal): Promise<string> {
  return beforeAbort(googleProject(settings), signal, () => new Error('no project before its time was over'));
}

async function post(
  call: Call,
  settings: GoogleSettings,
  address: string,
): Promise<HttpAnswer | HttpTrouble> {
  const client = await googleIdentityClient(settings, address, link);
  try {
    const request = prepareRequest(
      {
        url: address,
        headers: { 'user-agent': 'peregrine', 'content-type': 'application/json' },
        body: payloadOf(call, MOST_BYTES),
      },
      {},
      { deliveryId: call.runId },
    );
    return await client.send(request, call.signal);
  } finally {
    client.close();
  }
}

function refusalOf(answer: HttpAnswer | HttpTrouble, what: string, signal: AbortSignal): ActionOutcome {
  if ('trouble' in answer) {
    const reason = signal.aborted ? 'no answer before its time was over' : answer.trouble;
    return outcomeOfRefusal({ status: undefined, reason: `${what}: ${reason}`, isUnsent: answer.isUnsent });
  }
  const { status, headers } = answer;
  const reason = `${what}: ${reasonOf(answer)}`;
  if (status > 200 && status < 300) return { kind: 'unknown', reason };
  return outcomeOfRefusal({ status, reason, afterMs: retryAfterMs(headers['retry-after'], Date.now()) });
}
