/**
 * Stands in for the sensor's thread when no kernel events are wanted: it answers what the main thread asks, and ends when
 * it is told to.
 */

import { EventEmitter } from 'node:events';
import { listRules } from '../rules/inspect-rules.ts';
import { nothingMeasured } from './measure/nothing-measured.ts';
import type { FromSensor, ToSensor } from './sensor-messages.ts';
import type { Setup } from './setup.ts';
import { noStatistics } from './statistics.ts';

export class NoSensor extends EventEmitter<{ message: [FromSensor]; error: [unknown]; exit: [] }> {
  constructor(setup: Setup) {
    super();
    setImmediate(() => this.#start(setup));
  }

  postMessage(message: ToSensor): void {
    switch (message.kind) {
      case 'reload': {
        const { report } = listRules(message.setup);
        this.#tell({ kind: 'reloaded', isInUse: report.isUsable, report });
        return;
      }
      case 'measure':
        this.#tell({ kind: 'measured', id: message.id, measurement: nothingMeasured(Date.now()) });
        return;
      case 'record': {
        const reason = 'no events of the kernel are watched';
        this.#tell({ kind: 'recorded', id: message.id, became: { kind: 'refused', reason } });
        return;
      }
      case 'stop':
        this.#tell({ kind: 'stopped', statistics: noStatistics });
        return;
      default:
        // What else there is concerns events of the kernel.
        return;
    }
  }

  async terminate(): Promise<void> {
    this.removeAllListeners();
  }

  #start(setup: Setup): void {
    const { report } = listRules(setup);
    this.#tell({ kind: 'rules', report });
    if (report.isUsable) this.#tell({ kind: 'started', title: 'watching without events of the kernel' });
    else this.#tell({ kind: 'fault', code: 'rules', message: 'the rules cannot be used', hint: undefined });
  }

  /** Later, as a thread's answers come. */
  #tell(message: FromSensor): void {
    setImmediate(() => this.emit('message', message));
  }
}
