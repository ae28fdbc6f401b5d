/** The recorder as the configuration has it, through reloads: none, or one that sees every event. */

import type { Alert } from '@peregrine/alert';
import { encodeHead } from '@peregrine/sources';
import type { Config } from '../config/config.ts';
import type { Detector } from '../detection/detector.ts';
import type { LogLevel } from '../log.ts';
import { AlertRecorder, type OrderedRecording } from './alert-recorder.ts';

export interface RecorderSwitchPort {
  readonly alert: (alert: Alert) => void;
  readonly log: (level: LogLevel, text: string) => void;
}

export class RecorderSwitch {
  readonly #hostname: string;
  readonly #port: RecorderSwitchPort;
  #recorder: AlertRecorder | undefined;
  #settings = '';

  constructor(hostname: string, port: RecorderSwitchPort) {
    this.#hostname = hostname;
    this.#port = port;
  }

  /** Settings and rules from now on. A recording goes on unless the settings differ. */
  use(settings: Config['capture'], { engine, state, rules }: Detector): void {
    const written = JSON.stringify(settings);
    if (written !== this.#settings) {
      this.close();
      this.#settings = written;
      this.#recorder = settings.enabled
        ? new AlertRecorder(settings, this.#hostname, {
            ...this.#port,
            head: () => encodeHead(state.snapshot(), BigInt(Date.now()) * 1_000_000n),
            eventNumber: () => state.eventCount,
            now: () => performance.now(),
          })
        : undefined;
      engine.tap = this.#recorder;
    }
    this.#recorder?.use(rules);
  }

  alerted(alert: Alert): void {
    this.#recorder?.alerted(alert);
  }

  ordered(durationMs: number, nowMs: number, onEnded: (became: OrderedRecording) => void): void {
    if (this.#recorder !== undefined) this.#recorder.ordered(durationMs, nowMs, onEnded);
    else onEnded({ kind: 'refused', reason: 'the sensor makes no recordings: `capture.enabled` is off' });
  }

  care(nowMs: number): void {
    this.#recorder?.care(nowMs);
  }

  /** Ends what is being recorded. */
  close(): void {
    this.#recorder?.close();
  }
}
