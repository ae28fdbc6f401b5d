/** The outputs that a configuration switches on, each with its own settings, in the order of delivery. */

import { type BoundDirectSink, bindDirectSink, directRoster } from '@peregrine/outputs';
import type { Config } from './config.ts';

const [file, stdout, syslog, program, http] = directRoster;

export function enabledOutputs(config: Config): readonly BoundDirectSink[] {
  return [
    ...(config.file_output.enabled ? [bindDirectSink(file, config.file_output)] : []),
    ...(config.stdout_output.enabled ? [bindDirectSink(stdout, config.stdout_output)] : []),
    ...(config.syslog_output.enabled ? [bindDirectSink(syslog, config.syslog_output)] : []),
    ...(config.program_output.enabled ? [bindDirectSink(program, config.program_output)] : []),
    ...(config.http_output.enabled ? [bindDirectSink(http, config.http_output)] : []),
  ];
}
