/** From a document as it came in to the events in it. Each plugin has its own way; what is no event is counted and told. */

import { JsonNode, measureJson } from '@peregrine/events';
import type { Complaints } from './complaints.ts';
import type { FedEvent } from './feed.ts';
import type { FeedCounters, RejectReason } from './feed-counters.ts';

export interface Unpacking {
  /** Takes an event in. */
  readonly take: (document: JsonNode, timeNs: bigint) => void;
  /** `detail` says which one. */
  readonly reject: (reason: RejectReason, detail: string) => void;
  /** Arrival, nanoseconds since the epoch: for documents that have no time of their own. */
  readonly nowNs: bigint;
}

/** Never throws, whatever the document. */
export type Unpack = (document: JsonNode, unpacking: Unpacking) => void;

export interface Unpacked {
  readonly events: readonly FedEvent[];
  /** Why some were left out; the first reason for each. */
  readonly rejections: ReadonlyMap<RejectReason, string>;
}

export interface UnpackerOptions {
  readonly unpack: Unpack;
  readonly mostEventBytes: number;
  readonly counters: FeedCounters;
  readonly complaints: Complaints;
  /** What identifies an event in a message: `audit 1b7c...`. */
  readonly nameOf: (document: JsonNode) => string;
  readonly nowMs?: () => number;
}

const wording: Readonly<Record<RejectReason, string>> = {
  not_json: 'what came in is no JSON',
  not_an_event: 'what came in is JSON, but no event',
  no_time: 'an event without a valid time is left out',
  too_large: 'an event larger than `max_event_size` is left out',
  too_deep: 'an event that is nested too deeply is left out',
  cut_off: 'an event that was cut off on its way is left out',
};

export class Unpacker {
  readonly #options: UnpackerOptions;
  readonly #nowMs: () => number;

  constructor(options: UnpackerOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  /** One JSON document, as UTF-8; what it takes in and leaves out is counted. The bytes must stay as they are. */
  bytes(bytes: Buffer): Unpacked {
    const document = JsonNode.parse(bytes);
    if (document instanceof JsonNode) return this.document(document);
    return { events: [], rejections: this.#refuse(new Map(), 'not_json', document.failure) };
  }

  text(text: string): Unpacked {
    return this.bytes(Buffer.from(text));
  }

  document(document: JsonNode): Unpacked {
    const { unpack, mostEventBytes, counters, nameOf } = this.#options;
    const events: FedEvent[] = [];
    const rejections = new Map<RejectReason, string>();
    const nowMs = this.#nowMs();
    unpack(document, {
      nowNs: BigInt(nowMs) * 1_000_000n,
      take: (event, timeNs) => {
        const fit = measureJson(event, mostEventBytes);
        if (fit === 'fits') events.push({ document: event, timeNs });
        else this.#refuse(rejections, fit, nameOf(event));
      },
      reject: (reason, detail) => void this.#refuse(rejections, reason, detail),
    });
    const latest = events.at(-1);
    if (latest !== undefined) counters.took(events.length, document.sizeBytes, latest.timeNs, nowMs);
    return { events, rejections };
  }

  /** Something was left out before it could be unpacked. */
  reject(reason: RejectReason, detail: string): void {
    this.#refuse(new Map(), reason, detail);
  }

  /** Something was left out before it could be read as JSON, for its size. */
  tooLarge(detail: string): void {
    this.#refuse(new Map(), 'too_large', detail);
  }

  #refuse(
    rejections: Map<RejectReason, string>,
    reason: RejectReason,
    detail: string,
  ): Map<RejectReason, string> {
    this.#options.counters.reject(reason);
    this.#options.complaints.add(wording[reason], detail);
    if (!rejections.has(reason)) rejections.set(reason, `${wording[reason]}: ${detail}`);
    return rejections;
  }
}
