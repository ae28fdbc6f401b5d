/** Opens the outputs that a configuration asks for and puts the delivery loop before them. */

import type { Alert } from '@peregrine/alert';
import { Delivery, type DeliveryReport, type NamedOutput, renderAlert } from '@peregrine/outputs';
import type { Config } from '../config/config.ts';
import { enabledOutputs } from '../config/enabled-outputs.ts';
import type { Log } from '../log.ts';

/** The same complaint is told at most this often, milliseconds. */
const COMPLAINT_PAUSE_MS = 10_000;

export interface OutputOptions {
  readonly config: Config;
  readonly programName: string;
  readonly log: Log;
  /** Outputs besides, which others open and close. */
  readonly more?: readonly NamedOutput[] | undefined;
  /** Standard output has no reader any more. */
  readonly onGone: () => void;
}

/** An output that cannot be opened is told of and left out, as alerts to the others matter more. */
export async function openOutputs({
  config,
  programName,
  log,
  onGone,
  more = [],
}: OutputOptions): Promise<Delivery> {
  const line = {
    isJson: config.json_output,
    includesOutput: config.json_include_output_property,
    includesMessage: config.json_include_message_property,
    includesFields: config.json_include_output_fields_property,
    includesTags: config.json_include_tags_property,
  };
  const context = { isJson: config.json_output, programName, timeoutMs: config.output_timeout, onGone };
  const outputs: NamedOutput[] = [];
  for (const sink of enabledOutputs(config)) {
    try {
      outputs.push({ name: sink.name, output: await sink.open(context) });
    } catch (error) {
      log(
        'error',
        `output \`${sink.name}\` is left out: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return new Delivery({
    outputs: [...outputs, ...more],
    render: (alert: Alert) => renderAlert(alert, line),
    capacity: config.outputs_queue.capacity,
    timeoutMs: config.output_timeout,
    onReport: complainer(log),
  });
}

function complainer(log: Log): (report: DeliveryReport) => void {
  const lastTold = new Map<string, number>();
  return (report) => {
    const { level, message } = wordingOf(report);
    const now = performance.now();
    if (now - (lastTold.get(message) ?? Number.NEGATIVE_INFINITY) < COMPLAINT_PAUSE_MS) return;
    if (lastTold.size > 100) lastTold.clear();
    lastTold.set(message, now);
    log(level, message);
  };
}

function wordingOf(report: DeliveryReport): {
  readonly level: 'critical' | 'error';
  readonly message: string;
} {
  switch (report.kind) {
    case 'queue-full':
      return {
        level: 'error',
        message: `the queue of ${report.capacity} alerts is full, and alerts are dropped; \`outputs_queue.capacity\` sets its size`,
      };
    case 'blocked':
      return {
        level: 'critical',
        message: `output \`${report.output}\` has not taken an alert for ${report.forMs} ms; all outputs wait for it`,
      };
    case 'failed':
      return {
        level: 'error',
        message: `output \`${report.output}\` did not take an alert: ${report.reason}`,
      };
    case 'discarded':
      return { level: 'error', message: `${report.count} alerts were given up, since an output is blocked` };
  }
}
