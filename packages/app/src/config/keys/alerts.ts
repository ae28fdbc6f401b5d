/** Keys that say what alerts look like, and where they go. Each output's own keys come from its sink. */

import { flag, integer, list, optional, schema, text, textMap, tree } from '@peregrine/base';
import { directRoster } from '@peregrine/outputs';

const [file, stdout, syslog, program, http] = directRoster;

export const alertKeys = {
  json_output: flag({ default: false, doc: 'Alerts, and what `--version` and `-V` print, as JSON.' }),
  json_include_output_property: flag({ default: true, doc: 'JSON alerts carry the whole line as `output`.' }),
  json_include_message_property: flag({
    default: false,
    doc: 'JSON alerts carry the text without time as `message`.',
  }),
  json_include_output_fields_property: flag({ default: true, doc: 'JSON alerts carry `output_fields`.' }),
  json_include_tags_property: flag({ default: true, doc: 'JSON alerts carry the tags of the rule.' }),
  time_format_iso_8601: flag({ default: false, doc: 'Times as ISO 8601 in UTC, in alerts and logs.' }),
  buffer_format_base64: flag({ default: false, doc: 'Buffers in alerts as base64.' }),
  buffered_outputs: flag({
    default: false,
    doc: 'Accepted; lines are written as soon as outputs take them.',
  }),
  append_output: list(
    schema({
      match: optional(
        schema({
          source: optional(text({ doc: 'Source of the rules.' })),
          tags: optional(list(text({ doc: 'A tag.' }), { doc: 'Tags that the rules have, all of them.' })),
          rule: optional(text({ doc: 'Name of the rule.' })),
        }),
      ),
      extra_output: optional(text({ doc: 'Text to add to the output.' })),
      extra_fields: tree({
        doc: 'Fields to add to `output_fields`.',
        type: 'list of fields, or of name: format',
      }),
      suggested_output: flag({
        default: false,
        doc: 'Add the fields that sources suggest, such as the container.',
      }),
    }),
    { default: [], doc: 'What is added to the outputs of rules.', example: '[{ suggested_output: true }]' },
  ),
  static_fields: textMap({
    default: {},
    doc: 'Constant fields: each `name` can be used as `static.name`.',
    example: '{ cluster: blue }',
  }),
  outputs_queue: schema({
    capacity: integer({ default: 0, min: 0, doc: 'Alerts that may wait for outputs; 0 is as many as come.' }),
  }),
  output_timeout: integer({
    default: 2000,
    min: 1,
    doc: 'Milliseconds that an output may take for an alert before it is reported.',
  }),
  hub: schema({
    config: text({
      default: '',
      doc: 'Configuration of a hub that runs in this process and delivers every alert; empty, none does. Not in the reference.',
      example: '/etc/peregrine/hub.yaml',
    }),
  }),
  file_output: file.config,
  stdout_output: stdout.config,
  syslog_output: syslog.config,
  program_output: program.config,
  http_output: http.config,
};
