/** The outputs that a configuration switches on, each with its own settings, in the order of delivery. */

import { type BoundSink, bindSink, sinkRoster } from '@peregrine/outputs';
import type { Config } from './config.ts';

const [file, stdout, syslog, program, http] = sinkRoster;

export function enabledOutputs(config: Config): readonly BoundSink[] {
  return [
    ...(config.file_output.enabled ? [bindSink(file, config.file_output)] : []),
    ...(config.stdout_output.enabled ? [bindSink(stdout, config.stdout_output)] : []),
    ...(config.syslog_output.enabled ? [bindSink(syslog, config.syslog_output)] : []),
    ...(config.program_output.enabled ? [bindSink(program, config.program_output)] : []),
    ...(config.http_output.enabled ? [bindSink(http, config.http_output)] : []),
  ];
}
