/** Alerts in a log of Amazon CloudWatch; group and stream are made where they are missing. */

import type {
  CloudWatchLogsClient,
  InputLogEvent,
  RejectedLogEventsInfo,
} from '@aws-sdk/client-cloudwatch-logs';
import { delivered, type Outcome, schema, text } from '@peregrine/base';
import { type Delivery, defineClientSink } from '../sink.ts';
import { awsDestination, awsSection } from './parts/aws.ts';
import { fitAlert } from './parts/fit-alert.ts';

/** COMPAT: the stream where none is named. */
const STREAM = 'falcosidekick-logstream';
/** The service counts so many bytes for each event beside its text. */
const BYTES_BESIDE = 26;
const MOST_EVENT_BYTES = 262_144 - BYTES_BESIDE;
const MOST_TOGETHER = 1_000;
const MOST_BYTES_TOGETHER = 700_000;
/** Events of one request may be so far apart. */
const MOST_SPAN_MS = 24 * 3_600_000;

type Library = typeof import('@aws-sdk/client-cloudwatch-logs');

interface Stream {
  readonly logGroupName: string;
  readonly logStreamName: string;
}

export const awsCloudwatchLogs = defineClientSink({
  name: 'aws.cloudwatchlogs',
  title: 'AWSCloudWatchLogs',
  category: 'logs',
  doc: 'Writes each alert to a log of Amazon CloudWatch.',
  shared: awsSection,
  config: schema({
    loggroup: text({
      doc: 'Name of the log group; it is made where it is missing.',
      example: '/falco/alerts',
    }),
    logstream: text({
      default: '',
      doc: 'Name of the stream in it, made where it is missing; empty, it is `falcosidekick-logstream`.',
    }),
  }),
  enabledBy: ['loggroup'],
  batching: () => ({ mostAlerts: MOST_TOGETHER, mostBytes: MOST_BYTES_TOGETHER, waitMs: 0 }),
  open: async ({ loggroup, logstream, shared }, context) => {
    const library = await import('@aws-sdk/client-cloudwatch-logs');
    const stream = { logGroupName: loggroup, logStreamName: logstream || STREAM };
    return awsDestination<CloudWatchLogsClient>({
      settings: shared,
      context,
      rejects: ['InvalidParameterException'],
      create: (options) => new library.CloudWatchLogsClient(options),
      deliver: async (client, deliveries, abortSignal) => {
        const outcomes: Outcome[] = deliveries.map(() => delivered);
        for (const part of partsOf(deliveries)) {
          const answer = await write(library, client, stream, part, abortSignal);
          for (const [i, { index }] of part.entries()) {
            const reason = answer === undefined ? undefined : rejectionOf(i, answer);
            if (reason !== undefined) outcomes[index] = { kind: 'rejected', reason };
          }
        }
        return outcomes;
      },
    });
  },
});

interface Entry {
  /** Of the delivery. */
  readonly index: number;
  readonly event: InputLogEvent & { readonly timestamp: number };
}

/** By time, as the service wants them, and no more than a day in one request. */
function partsOf(deliveries: readonly Delivery[]): readonly (readonly Entry[])[] {
  const entries = deliveries
    .map(
      ({ alert }, index): Entry => ({
        index,
        event: {
          timestamp: Number(alert.timeNs / 1_000_000n),
          message: fitAlert(alert, MOST_EVENT_BYTES).json,
        },
      }),
    )
    .toSorted((a, b) => a.event.timestamp - b.event.timestamp || a.index - b.index);
  const parts: Entry[][] = [];
  for (const entry of entries) {
    const first = parts.at(-1)?.[0];
    if (first === undefined || entry.event.timestamp - first.event.timestamp >= MOST_SPAN_MS)
      parts.push([entry]);
    else parts.at(-1)?.push(entry);
  }
  return parts;
}

async function write(
  library: Library,
  client: CloudWatchLogsClient,
  stream: Stream,
  part: readonly Entry[],
  abortSignal: AbortSignal,
): Promise<RejectedLogEventsInfo | undefined> {
  const command = new library.PutLogEventsCommand({ ...stream, logEvents: part.map(({ event }) => event) });
  try {
    return (await client.send(command, { abortSignal })).rejectedLogEventsInfo;
  } catch (error) {
    if (!(error instanceof library.ResourceNotFoundException)) throw error;
    await create(library, client, stream, abortSignal);
    return (await client.send(command, { abortSignal })).rejectedLogEventsInfo;
  }
}

async function create(
  library: Library,
  client: CloudWatchLogsClient,
  stream: Stream,
  abortSignal: AbortSignal,
): Promise<void> {
  const unlessThere = async (making: Promise<unknown>): Promise<void> => {
    try {
      await making;
    } catch (error) {
      if (!(error instanceof library.ResourceAlreadyExistsException)) throw error;
    }
  };
  const newStream = () => client.send(new library.CreateLogStreamCommand(stream), { abortSignal });
  try {
    await unlessThere(newStream());
  } catch (error) {
    // Only then the group is made: whoever made it may have allowed streams alone.
    if (!(error instanceof library.ResourceNotFoundException)) throw error;
    const { logGroupName } = stream;
    await unlessThere(client.send(new library.CreateLogGroupCommand({ logGroupName }), { abortSignal }));
    await unlessThere(newStream());
  }
}

/** `undefined`: the event at this place of the request was taken. */
function rejectionOf(i: number, info: RejectedLogEventsInfo): string | undefined {
  const { tooNewLogEventStartIndex, tooOldLogEventEndIndex, expiredLogEventEndIndex } = info;
  if (tooNewLogEventStartIndex !== undefined && i >= tooNewLogEventStartIndex)
    return 'CloudWatch takes no events of the future';
  if (tooOldLogEventEndIndex !== undefined && i < tooOldLogEventEndIndex)
    return 'CloudWatch takes no events that are older than 14 days';
  if (expiredLogEventEndIndex !== undefined && i < expiredLogEventEndIndex)
    return 'the alert is older than the log group keeps events';
  return undefined;
}
