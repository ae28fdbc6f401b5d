/** Alerts in a queue of Amazon SQS. */

import type { SQSClient } from '@aws-sdk/client-sqs';
import { delivered, type Outcome, schema, url } from '@peregrine/base';
import { type Delivery, defineClientSink } from '../sink.ts';
import { awsDestination, awsSection, plainText } from './parts/aws.ts';
import { fitAlert } from './parts/fit-alert.ts';

/** What every queue takes; a message and a batch have the same limit. */
const MOST_BYTES = 262_144;
const MOST_TOGETHER = 10;
/** Queues whose messages keep their order within a group. */
const FIFO = '.fifo';
const GROUP = 'falco';
const rejects = ['InvalidMessageContents', 'MessageTooLong', 'InvalidParameterValue', 'BatchRequestTooLong'];

export const awsSqs = defineClientSink({
  name: 'aws.sqs',
  title: 'AWSSQS',
  category: 'queues',
  doc: 'Sends each alert to a queue of Amazon SQS.',
  shared: awsSection,
  config: schema({
    url: url({
      doc: 'Address of the queue; of one whose name ends in `.fifo`, alerts keep their order and repeats are recognised.',
      example: 'https://sqs.eu-west-1.amazonaws.com/123456789012/falco',
    }),
  }),
  enabledBy: ['url'],
  hasConcurrency: true,
  batching: () => ({ mostAlerts: MOST_TOGETHER, mostBytes: MOST_BYTES, waitMs: 0 }),
  open: async ({ url: queueUrl, shared }, context) => {
    const sqs = await import('@aws-sdk/client-sqs');
    return awsDestination<SQSClient>({
      settings: shared,
      context,
      region: /^https:\/\/sqs\.([a-z0-9-]+)\.amazonaws\./.exec(queueUrl)?.[1],
      rejects,
      create: (options) => new sqs.SQSClient(options),
      deliver: async (client, deliveries, abortSignal) => {
        const messages = deliveries.map((delivery) => messageOf(delivery, queueUrl));
        const [only] = messages;
        if (messages.length === 1 && only !== undefined) {
          await client.send(new sqs.SendMessageCommand({ QueueUrl: queueUrl, ...only }), { abortSignal });
          return delivered;
        }
        const Entries = messages.map((message, i) => ({ Id: String(i), ...message }));
        const answer = await client.send(new sqs.SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }), {
          abortSignal,
        });
        return outcomesOf(messages.length, answer.Failed);
      },
    });
  },
});

function messageOf({ alert, call }: Delivery, queueUrl: string) {
  return {
    MessageBody: plainText(fitAlert(alert, MOST_BYTES).json),
    ...(queueUrl.endsWith(FIFO) ? { MessageGroupId: GROUP, MessageDeduplicationId: call.deliveryId } : {}),
  };
}

interface FailedEntry {
  readonly Id?: string | undefined;
  readonly SenderFault?: boolean | undefined;
  readonly Code?: string | undefined;
  readonly Message?: string | undefined;
}

/** What the answer to a batch says of each. */
function outcomesOf(count: number, failed: readonly FailedEntry[] = []): readonly Outcome[] {
  const byId = new Map(failed.map((entry) => [entry.Id, entry]));
  return Array.from({ length: count }, (_, i): Outcome => {
    const entry = byId.get(String(i));
    if (entry === undefined) return delivered;
    const reason = `${entry.Code}: ${entry.Message ?? ''}`;
    return rejects.includes(entry.Code ?? '')
      ? { kind: 'rejected', reason }
      : { kind: 'retry', reason, afterMs: undefined };
  });
}
