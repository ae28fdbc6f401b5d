/**
 * The audit log of an EKS cluster, which its control plane writes to CloudWatch Logs. What was read is asked for once more
 * for a while, since the log is not in order to the second; events that were taken before are passed over. How far it
 * came is kept, so that a restart leaves nothing out.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { listIn, objectIn, textIn } from '@peregrine/base';
import { Checkpoint } from '../checkpoint.ts';
import { Complaints } from '../complaints.ts';
import type { Batch, FedEvent, Feed, Tell } from '../feed.ts';
import { FeedCounters } from '../feed-counters.ts';
import { nameOfAudit, unpackAudit } from '../k8s-audit/unpack-audit.ts';
import { Unpacker } from '../unpack.ts';
import { untilAnswered } from './retrying.ts';

export interface EksOptions {
  readonly cluster: string;
  readonly region: string | undefined;
  readonly profile: string | undefined;
  /** Another address than the region's own. */
  readonly endpoint: string | undefined;
  readonly pollMs: number;
  /** Without a record of an earlier run, reading begins so long before now. */
  readonly shiftMs: number;
  /** Events that are asked for at once. */
  readonly pageSize: number;
  readonly mostEventBytes: number;
  readonly checkpointFile: string;
  readonly tell: Tell;
}

const STREAMS = 'kube-apiserver-audit';
/** So far back is asked again, milliseconds. */
const OVERLAP_MS = 30_000;
const MOST_REMEMBERED = 200_000;
const CUT_OFF = /\[Truncated\.\.\.\]\s*$/;

interface Position {
  /** Cluster that it is of. */
  readonly cluster: string;
  readonly latestMs: number;
  /** Ids of log events within the overlap, with their times. */
  readonly seen: readonly (readonly [string, number])[];
}

interface LogEvent {
  readonly eventId?: string | undefined;
  readonly timestamp?: number | undefined;
  readonly message?: string | undefined;
}

/** One page of the log, and how to ask for the next. */
type ReadPage = (
  fromMs: number,
  token: string | undefined,
  signal: AbortSignal,
) => Promise<{ readonly events?: LogEvent[] | undefined; readonly nextToken?: string | undefined }>;

export class EksFeed implements Feed {
  readonly title: string;
  readonly counters = new FeedCounters();
  readonly #options: EksOptions;
  readonly #read: ReadPage;
  readonly #complaints: Complaints;
  readonly #unpacker: Unpacker;
  readonly #checkpoint: Checkpoint<Position>;
  readonly #seen: Map<string, number>;
  #latestMs: number;
  #fromMs: number;
  #token: string | undefined;
  #isUpToDate = false;

  private constructor(options: EksOptions, read: ReadPage) {
    const { cluster, tell, checkpointFile, mostEventBytes } = options;
    this.#options = options;
    this.#read = read;
    this.title = `CloudWatch log group ${groupOf(cluster)}`;
    this.#complaints = new Complaints(tell);
    this.#unpacker = new Unpacker({
      ...{ unpack: unpackAudit, nameOf: nameOfAudit, mostEventBytes },
      ...{ counters: this.counters, complaints: this.#complaints },
    });
    this.#checkpoint = new Checkpoint(checkpointFile, tell);
    const before = this.#checkpoint.read((value): value is Position => isPosition(value, cluster));
    this.#latestMs = before?.latestMs ?? Date.now() - options.shiftMs;
    this.#seen = new Map(before?.seen);
    this.#fromMs = this.#latestMs - (before === undefined ? 0 : OVERLAP_MS);
  }

  static async open(options: EksOptions): Promise<EksFeed> {
    return new EksFeed(options, await openLogs(options));
  }

  async next(signal: AbortSignal): Promise<Batch | undefined> {
    while (!signal.aborted) {
      if (this.#isUpToDate) await pause(this.#options.pollMs, undefined, { signal }).catch(() => {});
      this.#isUpToDate = false;
      const page = await untilAnswered(() => this.#read(this.#fromMs, this.#token, signal), {
        what: `CloudWatch Logs did not give the events of ${this.#options.cluster}`,
        counters: this.counters,
        complaints: this.#complaints,
        signal,
      });
      if (page === undefined) return undefined;
      const events = (page.events ?? []).flatMap((event) => this.#take(event));
      this.#token = page.nextToken;
      if (this.#token === undefined) this.#endOfLog();
      if (events.length > 0) return { events, done: this.#acknowledger() };
    }
    return undefined;
  }

  async close(): Promise<void> {
    this.#checkpoint.flush();
  }

  #endOfLog(): void {
    this.#isUpToDate = true;
    this.#fromMs = this.#latestMs - OVERLAP_MS;
    for (const [id, ms] of this.#seen)
      if (ms < this.#fromMs || this.#seen.size > MOST_REMEMBERED) this.#seen.delete(id);
  }

  #take({ eventId = '', timestamp = 0, message = '' }: LogEvent): readonly FedEvent[] {
    if (this.#seen.has(eventId)) return [];
    this.#seen.set(eventId, timestamp);
    this.#latestMs = Math.max(this.#latestMs, timestamp);
    if (CUT_OFF.test(message)) {
      const [, id = 'absent'] = /"auditID":"([^"]*)"/.exec(message) ?? [];
      this.#unpacker.reject('cut_off', `auditID ${id}`);
      return [];
    }
    return this.#unpacker.text(message).events;
  }

  /** What is known now is what is read when the batch is out. */
  #acknowledger(): () => void {
    const position: Position = {
      cluster: this.#options.cluster,
      latestMs: this.#latestMs,
      seen: [...this.#seen].filter(([, ms]) => ms >= this.#latestMs - OVERLAP_MS),
    };
    return () => this.#checkpoint.set(position);
  }
}

function groupOf(cluster: string): string {
  return `/aws/eks/${cluster}/cluster`;
}

/** The SDK is loaded only when it is needed. It finds credentials as all of Amazon's tools do. */
async function openLogs(options: EksOptions): Promise<ReadPage> {
  const { cluster, region, profile, endpoint, pageSize } = options;
  const { CloudWatchLogsClient, FilterLogEventsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  const client = new CloudWatchLogsClient({
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  return (fromMs, nextToken, abortSignal) =>
    client.send(
      new FilterLogEventsCommand({
        logGroupName: groupOf(cluster),
        logStreamNamePrefix: STREAMS,
        startTime: Math.max(0, fromMs),
        limit: pageSize,
        ...(nextToken === undefined ? {} : { nextToken }),
      }),
      { abortSignal },
    );
}

function isPosition(value: unknown, cluster: string): boolean {
  const position = objectIn(value);
  return (
    textIn(position?.cluster) === cluster &&
    typeof position?.latestMs === 'number' &&
    listIn(position.seen).every(
      (entry) => typeof listIn(entry)[0] === 'string' && typeof listIn(entry)[1] === 'number',
    )
  );
}
