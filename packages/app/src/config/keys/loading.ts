/** Keys that say which files are read, and which rules are on. */

import { priorities } from '@peregrine/alert';
import { choice, flag, list, optional, schema, text, tree } from '@peregrine/base';

/** `Info` is another spelling of `Informational`. */
const priorityNames = [...priorities, 'Info'] as const;

const selection = optional(
  schema({
    rule: optional(text({ doc: 'Name of rules; `*` stands for anything.' })),
    tag: optional(text({ doc: 'Tag of rules.' })),
  }),
);

export const loadingKeys = {
  config_files: tree({
    doc: 'More configuration files or folders, put onto this one in order. A `strategy` is `append` (lists grow), `override` or `add-only`.',
    type: 'list of paths, or of maps with path and strategy',
    example: '[/etc/falco/config.d]',
  }),
  watch_config_files: flag({
    default: true,
    doc: 'Load configuration and rules again when one of their files or folders changes.',
  }),
  rules_files: optional(
    list(text({ doc: 'Path of a file or folder.' }), {
      doc: 'Rules files and folders, in order. What is not there is passed over.',
      example: '[/etc/falco/falco_rules.yaml, /etc/falco/rules.d]',
    }),
  ),
  rules_file: tree({ doc: 'Older name of `rules_files`.', type: 'list of paths' }),
  rules: list(schema({ enable: selection, disable: selection }), {
    default: [],
    doc: 'Switches rules on and off by name or tag, in order.',
    example: "[{ disable: { tag: network } }, { enable: { rule: 'Terminal *' } }]",
  }),
  priority: choice(priorityNames, {
    default: 'Debug',
    doc: 'Rules of lower priority than this are not run.',
  }),
  rule_matching: choice(['first', 'all'], {
    default: 'first',
    doc: 'Whether an event makes an alert for the first rule that matches, or for each.',
  }),
};
