/**
 * What an output of the hub declares: a section of the configuration, and how an alert gets to the destination. Order,
 * retries, limits, concurrency, dead letters and metrics are the delivery's affair and the same for all.
 *
 * Most outputs are an `HttpSink`: a pure function from alert to request. One whose protocol is not plain HTTP, or that
 * needs a client library, is a `ClientSink`: it opens a destination, and imports the library there and nowhere else.
 */

import type { Encodable, HubAlert } from '@peregrine/alert';
import type { Keys, ObjectOf, ObjectSchema, Outcome } from '@peregrine/base';
import type { HttpAnswer } from './transport/http-answer.ts';
import type { HttpClient } from './transport/http-client.ts';
import type { TlsTrust } from './transport/tls-trust.ts';

/** Where the pages of documentation list the output. */
export const sinkCategories = [
  'chat',
  'metrics',
  'alerting',
  'logs',
  'storage',
  'functions',
  'queues',
  'email',
  'database',
  'web',
  'siem',
  'other',
] as const;
export type SinkCategory = (typeof sinkCategories)[number];

/** What an output may know of the hub it runs in. */
export interface HubFacts {
  readonly version: string;
  /** Names of the fields that `customfields` and `templatedfields` add to each alert. */
  readonly addedFields: readonly string[];
  /** Titles of all outputs that are on. */
  readonly enabledOutputs: readonly string[];
}

/** One attempt to deliver. */
export interface SinkCall {
  readonly hub: HubFacts;
  /** A UUID for this alert at this output, the same in every attempt: for destinations that recognise repeats. */
  readonly deliveryId: string;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Exactly one of `json`, `form` and `body` is given, or none for an empty body. */
export interface HttpRequest {
  /** `POST` unless stated. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string | URL;
  /** Names in lower case. What all requests have is added: `user-agent`, `idempotency-key`, `customheaders`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON with a newline at its end; type `application/json; charset=utf-8` unless `headers` has one. */
  readonly json?: Encodable;
  /** Sent as a web form. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sent as it is; `headers` has its `content-type`. */
  readonly body?: string | Uint8Array;
  /** Compress the body with gzip. */
  readonly isCompressed?: boolean;
}

export interface Batching {
  readonly mostAlerts: number;
  /** Bytes of the alerts' JSON; a batch has at least one alert. */
  readonly mostBytes: number;
  /** How long the first alert of a batch may wait for more. */
  readonly waitMs: number;
}

/** Settings that cannot work: the key within the section, and why. */
export interface Refusal {
  readonly key: string;
  /** `is not an address of a broker`: follows the key. */
  readonly why: string;
}

/** Keys that several outputs share, in a section above theirs: `aws.region` for `aws.sqs` and `aws.s3`. */
export interface SharedSection<S extends Keys> {
  readonly name: string;
  readonly config: ObjectSchema<S>;
}

/** The settings of an output: the keys of its section, and those of the shared section under `shared`. */
export type SinkConfig<K extends Keys, S extends Keys> = ObjectOf<K> & { readonly shared: ObjectOf<S> };

interface SinkFacts<K extends Keys, S extends Keys> {
  /** Path of its section in the configuration: `slack`, `aws.sqs`. Falcosidekick's name, where it has one. */
  readonly name: string;
  /** As `Enabled Outputs` and log lines have it: `AWSSQS`. */
  readonly title: string;
  /** Label in metrics; the name without its dots unless stated. */
  readonly destination?: string;
  readonly category: SinkCategory;
  readonly doc: string;
  /**
   * The keys that this output alone has. A key that must be set has no default. The common ones (`minimumpriority`,
   * `timeout`, for HTTP also `mutualtls`, `checkcert`, `maxconcurrentrequests`, `customheaders`) are added.
   */
  readonly config: ObjectSchema<K>;
  readonly shared?: SharedSection<S>;
  /** The output is on when all of these are set: texts and lists not empty, flags true. */
  readonly enabledBy: readonly (keyof K & string)[];
  /** Why the output cannot be used any more, after its name; whoever turns it on is told so. */
  readonly retired?: string;
  /** Why the settings cannot work together. Only asked when the output is on; all reasons at once. */
  readonly refuses?: (config: SinkConfig<K, S>) => readonly Refusal[];
  /** Alerts below `minimumpriority` are left out unless this is false: some outputs take all, and have no such key. */
  readonly hasMinimumPriority?: boolean;
  /**
   * Several destinations of one kind, each with a place in the journal of its own: one down does not hold up the
   * others. One for each item, with a label that tells them apart; absent, the settings are one destination.
   */
  readonly split?: (
    config: SinkConfig<K, S>,
  ) => readonly { readonly label: string; readonly config: SinkConfig<K, S> }[];
  /** Settings for documentation and tests, as the file has them; made of the keys' examples unless stated. */
  readonly example?: Readonly<Record<string, string | readonly string[] | Readonly<Record<string, string>>>>;
}

/** Batches of an HTTP output: one request for many alerts. */
export interface HttpBatch<C> {
  /** `undefined`: these settings ask for single requests. */
  readonly limits: (config: C) => Batching | undefined;
  readonly request: (alerts: readonly HubAlert[], config: C, call: SinkCall) => HttpRequest;
  /** What became of each alert, where the answer tells; all share one outcome otherwise. `undefined`: as `HttpSink.classify`. */
  readonly classify?: (
    answer: HttpAnswer,
    alerts: readonly HubAlert[],
  ) => readonly Outcome[] | Outcome | undefined;
  /** Alerts that the answer rejects are sent once more, each alone, since `amend` may help or the others were to blame. */
  readonly triesAlone?: boolean;
}

export interface HttpSink<K extends Keys, S extends Keys = Record<never, never>> extends SinkFacts<K, S> {
  /** Pure. Several requests are sent in order, each until it is delivered; none is an alert that is not for here. */
  readonly request: (
    alert: HubAlert,
    config: SinkConfig<K, S>,
    call: SinkCall,
  ) => HttpRequest | readonly HttpRequest[];
  readonly batch?: HttpBatch<SinkConfig<K, S>>;
  /** What an answer means; `undefined` leaves it to `classifyAnswer`, which knows status codes and `Retry-After`. */
  readonly classify?: (answer: HttpAnswer, alert: HubAlert, config: SinkConfig<K, S>) => Outcome | undefined;
  /** Another attempt with another body, in place of a refusal: a field left out that the destination cannot take. */
  readonly amend?: (alert: HubAlert, answer: HttpAnswer, config: SinkConfig<K, S>) => HubAlert | undefined;
  /**
   * What sends the requests, in place of the usual client: for destinations that want tokens or signatures, and for those
   * whose address only a file on this machine tells. Opened once; imports the library that it needs there and nowhere
   * else. `undefined`: these settings need none. Throws a `Fault` when it cannot work whatever the destination does.
   */
  readonly client?: (config: SinkConfig<K, S>, context: SinkContext) => Promise<HttpClient | undefined>;
  /** A line for the log after a delivery, where the destination's answer is of interest; without the title. */
  readonly answerLines?: (answer: HttpAnswer, config: SinkConfig<K, S>) => readonly string[];
}

/** One of the hub's own counters. */
export interface HubCounter {
  /** `falcosecurity_falcosidekick_inputs`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Since the hub started. */
  readonly count: number;
}

/** What a destination is opened with. */
export interface SinkContext {
  readonly hub: HubFacts;
  /** Whom to trust and who we are, from `mutualtls`, `checkcert` and the keys `mutualtlsclient` and `tlsclient`. */
  readonly tls: TlsTrust;
  /** How long a destination may take to connect or to answer. */
  readonly timeoutMs: number;
  /** Lines for people who look for an error; without the title. */
  readonly debug: (line: string) => void;
  /** What the hub itself counts, for outputs that pass that on; absent, nothing does. */
  readonly counters?: () => readonly HubCounter[];
  /** Environment variables, for client libraries that read them. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** An alert on its way to an open destination. */
export interface Delivery {
  readonly alert: HubAlert;
  readonly call: SinkCall;
}

export interface Destination {
  /**
   * Takes the deliveries, in order; resolves when the destination has them or it is known that it will not: one
   * outcome for all, or one for each. Never rejects. Called again while earlier calls run only where
   * `maxconcurrentrequests` says so. A broken connection is opened again at the next call.
   */
  send(deliveries: readonly Delivery[], signal: AbortSignal): Promise<Outcome | readonly Outcome[]>;
  /** Lets go of connections. Nothing is being sent any more. */
  close(): Promise<void>;
}

export interface ClientSink<K extends Keys, S extends Keys = Record<never, never>> extends SinkFacts<K, S> {
  /** Whether the section has `mutualtls` and `checkcert`; false unless stated. */
  readonly hasTls?: boolean;
  /** Whether the section has `maxconcurrentrequests`; false unless stated. */
  readonly hasConcurrency?: boolean;
  /** Absent: one alert for each `send`. */
  readonly batching?: (config: SinkConfig<K, S>) => Batching;
  /**
   * Imports the client library and gets ready; connecting may wait for the first `send`, since a destination that is
   * down is no reason not to start. Throws a `Fault` when the settings cannot work whatever the destination does.
   */
  readonly open: (config: SinkConfig<K, S>, context: SinkContext) => Promise<Destination>;
}

/** Any output, its settings' type forgotten: what rosters and the delivery work with. */
export type Sink = AnyHttpSink | AnyClientSink;
export type AnyHttpSink = HttpSink<Keys, Keys> & { readonly kind: 'http' };
export type AnyClientSink = ClientSink<Keys, Keys> & { readonly kind: 'client' };

/** Declares an output whose alerts are HTTP requests. */
export function defineHttpSink<K extends Keys, S extends Keys = Record<never, never>>(
  sink: HttpSink<K, S>,
): AnyHttpSink {
  // The delivery hands every function of a sink exactly what the sink's own schema read, so the types meet again.
  return Object.freeze({ ...sink, kind: 'http' }) as unknown as AnyHttpSink;
}

/** Declares an output that speaks through a connection or a client library of its own. */
export function defineClientSink<K extends Keys, S extends Keys = Record<never, never>>(
  sink: ClientSink<K, S>,
): AnyClientSink {
  return Object.freeze({ ...sink, kind: 'client' }) as unknown as AnyClientSink; // As above.
}
