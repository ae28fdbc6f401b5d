/** Calls a function of AWS Lambda. */

import type { InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import { choice, schema, text } from '@peregrine/base';
import {
  type AwsSettings,
  awsClientOptions,
  awsSection,
  awsTrouble,
  beforeAbort,
  systemTrust,
  textWithoutSecrets,
} from '@peregrine/outputs/remote';
import { type ActionOutcome, type ActionPorts, defineAction } from '../action.ts';
import { settingsOf } from '../hub-section.ts';
import { noTarget } from '../targets/none.ts';
import { outcomeOfRefusal } from './outcome-of-refusal.ts';
import { payloadOf } from './payload.ts';
import { doneWith } from './results.ts';

/** A call that is waited for takes 6 MB, one that is not a quarter of a megabyte. */
const MOST_BYTES = 6_000_000;
const MOST_EVENT_BYTES = 262_144;
const CONNECT_MS = 5_000;
/** How much is told of what a function says when it fails, UTF-16 units. */
const MOST_SAID = 300;

const section = { section: awsSection.name, schema: awsSection.config };

export const awsLambda = defineAction({
  name: 'aws:lambda',
  platform: 'remote',
  doc: 'Calls a function of AWS Lambda with the alert, `trace_id` and `context` as JSON. What it answers is for `when` of later actions. In a dry run, Lambda is asked whether the call would be allowed (`DryRun`), and the function is not called. AWS must allow `lambda:InvokeFunction`.',
  settings: section,
  parameters: schema({
    aws_lambda_name: text({ doc: 'Name or ARN of the function.', example: 'falco-react' }),
    aws_lambda_alias_or_version: text({
      default: '$LATEST',
      doc: 'Which of its versions, or an alias; with an ARN that names one, that one.',
    }),
    aws_lambda_invocation_type: choice(['RequestResponse', 'Event', 'DryRun'], {
      default: 'RequestResponse',
      doc: 'Wait for what it answers, hand it the alert, or only see whether that would be allowed.',
    }),
  }),
  target: noTarget,
  continues: true,
  artifact: 'none',
  permissions: () => [],
  isRepeatable: false,
  timeoutMs: () => 60_000,
  examples: [
    { doc: 'Waits for the function', parameters: { aws_lambda_name: 'falco-react' } },
    {
      doc: 'Hands the alert to what `live` stands for',
      parameters: {
        aws_lambda_name: 'falco-react',
        aws_lambda_alias_or_version: 'live',
        aws_lambda_invocation_type: 'Event',
      },
    },
  ],
  run: async (call) => {
    const { aws_lambda_name: name, aws_lambda_alias_or_version: version } = call.parameters;
    const type = call.isDryRun ? 'DryRun' : call.parameters.aws_lambda_invocation_type;
    const settings = settingsOf(section, call.ports.settings);
    const secrets = [settings.secretaccesskey?.reveal() ?? ''];
    const refusal = (error: unknown, isBegun: boolean): ActionOutcome => {
      const trouble = awsTrouble(error);
      const isUnsent = trouble.isUnsent || (!isBegun && (trouble.status ?? 500) >= 500);
      return outcomeOfRefusal({ ...trouble, isUnsent, reason: textWithoutSecrets(trouble.reason, secrets) });
    };
    let client: LambdaClient | undefined;
    try {
      client = await beforeAbort(openClient(name, settings, call.ports), call.signal, tooLate);
    } catch (error) {
      return refusal(error, false);
    }
    try {
      const { InvokeCommand } = await import('@aws-sdk/client-lambda');
      const request = new InvokeCommand({
        FunctionName: name,
        InvocationType: type,
        ...(version === '' || isQualified(name) ? {} : { Qualifier: version }),
        Payload: Buffer.from(payloadOf(call, type === 'Event' ? MOST_EVENT_BYTES : MOST_BYTES)),
      });
      const answer = await client.send(request, { abortSignal: call.signal });
      return outcomeOf(answer, `Lambda function ${name}`, type, call.isDryRun);
    } catch (error) {
      return refusal(call.signal.aborted ? tooLate() : error, true);
    } finally {
      client.destroy();
    }
  },
});

function tooLate(): Error {
  return new Error('no answer before its time was over');
}

/** `arn:aws:lambda:eu-west-1:123456789012:function:react:live`: the last part says which. */
function isQualified(name: string): boolean {
  return /:function:[^:]+:[^:]+$/.test(name) || /^[^:]+:[^:]+$/.test(name);
}

/** Has region and credentials when it resolves: whatever is wrong with them, nothing was called then. */
async function openClient(name: string, settings: AwsSettings, ports: ActionPorts): Promise<LambdaClient> {
  const { LambdaClient: Client } = await import('@aws-sdk/client-lambda');
  const region = /^arn:[^:]*:lambda:([a-z0-9-]+):/.exec(name)?.[1];
  const link = { tls: systemTrust, environment: ports.environment, timeoutMs: 0, connectMs: CONNECT_MS };
  const client = new Client(await awsClientOptions(settings, link, region));
  try {
    await client.config.region();
    await client.config.credentials();
    return client;
  } catch (error) {
    client.destroy();
    throw error;
  }
}

function outcomeOf(
  { FunctionError: trouble, Payload: payload }: InvokeCommandOutput,
  what: string,
  type: 'RequestResponse' | 'Event' | 'DryRun',
  isDryRun: boolean,
): ActionOutcome {
  const said = Buffer.from(payload ?? []).toString('utf8');
  if (trouble !== undefined)
    return { kind: 'unknown', reason: `${what} failed (${trouble}): ${said.slice(0, MOST_SAID)}` };
  if (isDryRun) return { kind: 'done', summary: `would call ${what}, which is allowed` };
  switch (type) {
    case 'DryRun':
      return { kind: 'unchanged', reason: `${what} may be called, and was not: its call is a \`DryRun\`` };
    case 'Event':
      return { kind: 'done', summary: `handed the alert to ${what}` };
    case 'RequestResponse':
      return doneWith(`called ${what}`, said);
  }
}
