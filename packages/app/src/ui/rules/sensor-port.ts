/** What the web interface asks of the sensor in the same process, where there is one. */

import type { Config } from '../../config/config.ts';
import type { Measurement } from '../../detection/measure/measurement.ts';
import type { OrderedRecording } from '../../recording/alert-recorder.ts';
import type { RuleFile } from '../../rules/rule-files.ts';

/** With what its alerts call this machine. */
export interface LocalSensor {
  readonly port: SensorPort;
  readonly hostname: string;
}

export interface SensorPort {
  /** In use now, in the order in which they were read. */
  ruleFiles(): readonly RuleFile[];
  config(): Config;
  /** Has it load what is on the disk. Resolves when that is done; files in use tell whether it took them. */
  reload(why: string): Promise<void>;
  /** Rejects when it does not answer. */
  measure(): Promise<Measurement>;
  /** Records so long from now on, with what is known of before. Rejects when it does not answer. */
  record(durationMs: number): Promise<OrderedRecording>;
}
