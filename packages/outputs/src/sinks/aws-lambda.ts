/** Alerts for a function of AWS Lambda. */

import type { LambdaClient } from '@aws-sdk/client-lambda';
import { choice, delivered, type Outcome, schema, text } from '@peregrine/base';
import { defineClientSink } from '../sink.ts';
import { awsDestination, awsSection } from './parts/aws.ts';
import { fitAlert } from './parts/fit-alert.ts';

/** A call that is waited for takes 6 MB, one that is not a quarter of a megabyte. */
const MOST_BYTES = 6_000_000;
const MOST_EVENT_BYTES = 262_144;

export const awsLambda = defineClientSink({
  name: 'aws.lambda',
  title: 'AWSLambda',
  category: 'functions',
  doc: 'Calls a function of AWS Lambda with each alert.',
  shared: awsSection,
  config: schema({
    functionname: text({ doc: 'Name or ARN of the function.', example: 'falco-react' }),
    invocationtype: choice(['RequestResponse', 'Event', 'DryRun'], {
      default: 'RequestResponse',
      doc: 'Wait for the function, hand it the alert, or only see whether that would be allowed.',
    }),
    logtype: choice(['Tail', 'None'], {
      default: 'Tail',
      doc: 'Whether the end of its log comes back, for debugging.',
    }),
  }),
  enabledBy: ['functionname'],
  hasConcurrency: true,
  open: async ({ functionname, invocationtype, logtype, shared }, context) => {
    const { InvokeCommand, LambdaClient: Client } = await import('@aws-sdk/client-lambda');
    return awsDestination<LambdaClient>({
      settings: shared,
      context,
      region: /^arn:[^:]*:lambda:([a-z0-9-]+):/.exec(functionname)?.[1],
      rejects: [
        'RequestTooLargeException',
        'InvalidRequestContentException',
        'UnsupportedMediaTypeException',
      ],
      create: (options) => new Client(options),
      deliver: async (client, deliveries, abortSignal) => {
        const outcomes: Outcome[] = [];
        for (const { alert } of deliveries) {
          const { json } = fitAlert(alert, invocationtype === 'Event' ? MOST_EVENT_BYTES : MOST_BYTES);
          const answer = await client.send(
            new InvokeCommand({
              FunctionName: functionname,
              InvocationType: invocationtype,
              LogType: logtype,
              Payload: Buffer.from(json),
            }),
            { abortSignal },
          );
          const log = Buffer.from(answer.LogResult ?? '', 'base64').toString('utf8');
          if (log !== '') context.debug(`log of the function: ${log}`);
          // It was called and failed; what it acts on may be back soon.
          if (answer.FunctionError === undefined) outcomes.push(delivered);
          else {
            const said = Buffer.from(answer.Payload ?? [])
              .toString('utf8')
              .slice(0, 300);
            outcomes.push({
              kind: 'retry',
              reason: `the function failed (${answer.FunctionError}): ${said}`,
              afterMs: undefined,
            });
          }
        }
        return outcomes;
      },
    });
  },
});
