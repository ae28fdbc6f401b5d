/** Alerts in a stream of Amazon Kinesis. */

import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { delivered, type Outcome, schema, text } from '@peregrine/base';
import { type Delivery, defineClientSink } from '../sink.ts';
import { awsDestination, awsSection } from './parts/aws.ts';
import { fitAlert } from './parts/fit-alert.ts';

/** A record holds 1 MiB, with its partition key. */
const MOST_RECORD_BYTES = 1_048_576 - 256;
const MOST_TOGETHER = 500;
const MOST_BYTES_TOGETHER = 4 * 1024 * 1024;

export const awsKinesis = defineClientSink({
  name: 'aws.kinesis',
  title: 'AWSKinesis',
  category: 'queues',
  doc: 'Puts each alert into a stream of Amazon Kinesis.',
  shared: awsSection,
  config: schema({ streamname: text({ doc: 'Name of the stream.', example: 'falco' }) }),
  enabledBy: ['streamname'],
  hasConcurrency: true,
  batching: () => ({ mostAlerts: MOST_TOGETHER, mostBytes: MOST_BYTES_TOGETHER, waitMs: 0 }),
  open: async ({ streamname, shared }, context) => {
    const kinesis = await import('@aws-sdk/client-kinesis');
    return awsDestination<KinesisClient>({
      settings: shared,
      context,
      rejects: ['InvalidArgumentException', 'ValidationException'],
      create: (options) => new kinesis.KinesisClient(options),
      deliver: async (client, deliveries, abortSignal) => {
        const records = deliveries.map(recordOf);
        const [only] = records;
        if (records.length === 1 && only !== undefined) {
          await client.send(new kinesis.PutRecordCommand({ StreamName: streamname, ...only }), {
            abortSignal,
          });
          return delivered;
        }
        const answer = await client.send(
          new kinesis.PutRecordsCommand({ StreamName: streamname, Records: records }),
          { abortSignal },
        );
        return records.map((_, i): Outcome => {
          const { ErrorCode, ErrorMessage } = answer.Records?.[i] ?? {};
          if (ErrorCode === undefined) return delivered;
          return { kind: 'retry', reason: `${ErrorCode}: ${ErrorMessage ?? ''}`, afterMs: undefined };
        });
      },
    });
  },
});

/** COMPAT: the partition key is any UUID, which spreads alerts over the shards. */
function recordOf({ alert, call }: Delivery): { Data: Uint8Array; PartitionKey: string } {
  return { Data: Buffer.from(fitAlert(alert, MOST_RECORD_BYTES).json), PartitionKey: call.deliveryId };
}
