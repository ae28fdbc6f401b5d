/**
 * Records the events around alerts, as `capture` in the configuration says. One recording at a time; alerts that come
 * while one runs prolong it. What goes wrong with a file is told of, and detection goes on. HOT: `before` and `after`
 * run for every event, and allocate nothing but when a recording begins or ends.
 */

import type { Alert } from '@peregrine/alert';
import { Fault } from '@peregrine/base';
import type { EventView } from '@peregrine/events';
import { createInternalAlert } from '@peregrine/outputs';
import { CaptureFile } from '@peregrine/sources';
import type { Config } from '../config/config.ts';
import type { LogLevel } from '../log.ts';
import { EventWindow } from './event-window.ts';

type Settings = Config['capture'];

export interface RecorderPort {
  /** The tables as they are, as blocks of a capture. */
  readonly head: () => Uint8Array;
  /** Number of the latest event. */
  readonly eventNumber: () => number;
  readonly alert: (alert: Alert) => void;
  readonly log: (level: LogLevel, text: string) => void;
  /** Milliseconds on a clock that only goes forward. */
  readonly now: () => number;
}

/** What matters here of a rule. */
export interface RecordedRule {
  readonly name: string;
  readonly capture: boolean;
  /** 0: as the configuration says. */
  readonly captureDurationMs: number;
}

/** What became of a recording that was ordered. */
export type OrderedRecording =
  | { readonly kind: 'recorded'; readonly path: string }
  | { readonly kind: 'refused'; readonly reason: string };

interface Recording {
  readonly file: CaptureFile;
  readonly startNs: number;
  endNs: number;
  /** Those who ordered it. */
  readonly orders: ((became: OrderedRecording) => void)[];
}

const MEGABYTE = 2 ** 20;
/** After a failure, so long no other file is tried, milliseconds. */
const PAUSE_AFTER_FAILURE_MS = 30_000;

export class AlertRecorder {
  readonly #settings: Settings;
  readonly #hostname: string;
  readonly #port: RecorderPort;
  readonly #window: EventWindow | undefined;
  /** How long alerts of a rule are recorded, milliseconds; rules that are not in it start no recording. */
  #durationByRule: ReadonlyMap<string, number> = new Map();
  #recording: Recording | undefined;
  /** The event that is being worked on. */
  #present: EventView | undefined;
  #latestNs = 0;
  #totalBytes = 0;
  #isTotalTold = false;
  #isWindowTold = false;
  #notBeforeMs = 0;

  constructor(settings: Settings, hostname: string, port: RecorderPort) {
    this.#settings = settings;
    this.#hostname = hostname;
    this.#port = port;
    const { before_ms: beforeMs, before_max_mb: beforeMb } = settings;
    if (beforeMs > 0)
      this.#window = new EventWindow({
        beforeMs,
        maxBytes: beforeMb * MEGABYTE,
        head: port.head,
        now: port.now,
      });
  }

  /** Rules from now on. */
  use(rules: readonly RecordedRule[]): void {
    const { mode, default_duration: defaultMs } = this.#settings;
    this.#durationByRule = new Map(
      rules
        .filter(({ capture }) => capture || mode === 'all_rules')
        .map(({ name, captureDurationMs }) => [name, captureDurationMs > 0 ? captureDurationMs : defaultMs]),
    );
  }

  get isRecording(): boolean {
    return this.#recording !== undefined;
  }

  /** Before the event changes the tables. */
  before(view: EventView): void {
    this.#present = view;
    this.#latestNs = view.timestampApproxNs();
    if (this.#recording !== undefined) this.#write(this.#recording, view);
    else if (this.#durationByRule.size > 0) this.#window?.take(view);
  }

  /** After rules saw the event. */
  after(): void {
    this.#present = undefined;
    if (this.#recording !== undefined && this.#latestNs > this.#recording.endNs) this.#end();
  }

  /** An alert was made, of the present event or of one that was held. */
  alerted({ rule }: Alert): void {
    const durationMs = this.#durationByRule.get(rule);
    if (durationMs === undefined) return;
    const endNs = this.#latestNs + durationMs * 1e6;
    if (this.#recording === undefined) this.#begin(rule, endNs);
    else
      this.#recording.endNs = this.#limited(this.#recording.startNs, Math.max(this.#recording.endNs, endNs));
  }

  /** Somebody wants the time from now on, with what is known of before; one that runs is prolonged. */
  ordered(durationMs: number, nowMs: number, onEnded: (became: OrderedRecording) => void): void {
    // The latest event may be long ago.
    const endNs = Math.max(this.#latestNs, nowMs * 1e6) + durationMs * 1e6;
    if (this.#recording === undefined) this.#begin('(ordered)', endNs);
    const recording = this.#recording;
    if (recording === undefined) {
      onEnded({ kind: 'refused', reason: 'no recording can be made now: the log of the sensor says why' });
      return;
    }
    recording.endNs = this.#limited(recording.startNs, Math.max(recording.endNs, endNs));
    recording.orders.push(onEnded);
  }

  #limited(startNs: number, endNs: number): number {
    const { max_duration_ms: mostMs } = this.#settings;
    return mostMs === 0 ? endNs : Math.min(endNs, startNs + mostMs * 1e6);
  }

  #begin(rule: string, endNs: number): void {
    if (this.#port.now() < this.#notBeforeMs || this.#isUsedUp()) return;
    const maxBytes = this.#settings.max_file_size_mb * MEGABYTE;
    try {
      const file = new CaptureFile({ path: this.#path(), isCompressed: true, maxBytes, isNew: true });
      const startNs = this.#latestNs;
      this.#recording = { file, startNs, endNs: this.#limited(startNs, endNs), orders: [] };
      const window = this.#window?.contents();
      if (window === undefined) {
        file.blocks(this.#port.head());
        if (this.#present !== undefined) file.event(this.#present);
      } else {
        for (const { bytes, eventCount } of window.pieces) file.blocks(bytes, eventCount);
      }
      const beforeMs = window === undefined ? 0 : Math.max(0, Math.round((startNs - window.startNs) / 1e6));
      this.#port.log(
        'info',
        `rule \`${rule}\` has begun the recording \`${file.path}\`, with ${beforeMs} ms before it`,
      );
      this.#tellOfWindow();
    } catch (error) {
      this.#fail(error);
    }
    this.#window?.clear();
  }

  #tellOfWindow(): void {
    if (this.#window?.isTooSmall !== true || this.#isWindowTold) return;
    this.#isWindowTold = true;
    this.#port.log(
      'warning',
      'recordings begin at the alert, since the tables alone need more than `capture.before_max_mb` allows',
    );
  }

  #isUsedUp(): boolean {
    const { max_total_mb: mostMb } = this.#settings;
    if (mostMb === 0 || this.#totalBytes < mostMb * MEGABYTE) return false;
    if (!this.#isTotalTold)
      this.#port.log(
        'warning',
        `no more recordings are made: they have reached \`capture.max_total_mb\`, ${mostMb} MB since the start`,
      );
    this.#isTotalTold = true;
    return true;
  }

  /** COMPAT: prefix, time in nanoseconds and event number, 20 digits each (falco 0.45, spec 4.7). */
  #path(): string {
    const timeNs = this.#present?.timestampNs() ?? BigInt(Math.round(this.#latestNs));
    const digits = (value: bigint | number): string => String(value).padStart(20, '0');
    return `${this.#settings.path_prefix}_${digits(timeNs)}_${digits(this.#port.eventNumber())}.scap`;
  }

  #write({ file }: Recording, view: EventView): void {
    try {
      if (!file.event(view)) this.#tellOfLimit(file);
    } catch (error) {
      this.#fail(error);
    }
  }

  #tellOfLimit(file: CaptureFile): void {
    this.#end();
    const { max_file_size_mb: limitMb } = this.#settings;
    this.#port.alert(
      createInternalAlert({
        kind: 'capture-size',
        hostname: this.#hostname,
        timeNs: BigInt(Math.round(this.#latestNs)),
        text: `. Configured limit: ${limitMb} MB.`,
        fields: { max_file_size_mb: `${limitMb}`, written_bytes: `${file.writtenBytes}` },
      }),
    );
  }

  #end(): void {
    const recording = this.#recording;
    this.#recording = undefined;
    if (recording === undefined) return;
    const { file } = recording;
    try {
      file.close();
      this.#port.log(
        'info',
        `the recording \`${file.path}\` is complete: ${file.eventCount} events, ${file.writtenBytes} bytes`,
      );
      for (const order of recording.orders) order({ kind: 'recorded', path: file.path });
    } catch (error) {
      refuse(recording, error);
      this.#fail(error);
    }
    this.#totalBytes += file.writtenBytes;
  }

  #fail(error: unknown): void {
    const recording = this.#recording;
    this.#recording = undefined;
    this.#notBeforeMs = this.#port.now() + PAUSE_AFTER_FAILURE_MS;
    if (!(error instanceof Fault)) throw error;
    const hint = error.hint === undefined ? '' : ` (${error.hint})`;
    const seconds = PAUSE_AFTER_FAILURE_MS / 1_000;
    this.#port.log(
      'error',
      `${error.message}${hint}; detection goes on, recordings are tried again in ${seconds} s`,
    );
    if (recording === undefined) return;
    refuse(recording, error);
    this.#totalBytes += recording.file.writtenBytes;
    try {
      recording.file.close();
    } catch {
      // Told of already: what was waiting cannot be written either.
    }
  }

  /** Now and then, since a machine where nothing happens has no event that ends a recording. */
  care(nowMs: number): void {
    const recording = this.#recording;
    if (recording === undefined) return;
    if (nowMs * 1e6 > recording.endNs) this.#end();
    else this.#flush(recording);
  }

  #flush({ file }: Recording): void {
    try {
      file.flush();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Ends what is being recorded. */
  close(): void {
    this.#end();
  }
}

function refuse({ orders }: Recording, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  for (const order of orders) order({ kind: 'refused', reason });
}
