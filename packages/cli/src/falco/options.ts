/** The reference's options, all that this version of it knows. Unknown ones end the program with status 1. */

import type { OptionDeclaration } from '../arguments.ts';

export const falcoOptions: readonly OptionDeclaration[] = [
  { name: 'help', short: 'h', doc: 'Show this help.' },
  {
    name: 'config',
    short: 'c',
    value: 'PATH',
    doc: 'Configuration file; /etc/falco/falco.yaml if it is there.',
  },
  { name: 'config-schema', doc: 'Print the JSON schema of the configuration.' },
  { name: 'rule-schema', doc: 'Print the JSON schema of rules files.' },
  { name: 'disable-source', value: 'SOURCE', doc: 'Leave a source of events out; repeatable.' },
  { name: 'enable-source', value: 'SOURCE', doc: 'Have only these sources of events; repeatable.' },
  { name: 'dry-run', doc: 'Do all but watch: load and check everything.' },
  { name: 'ignored', short: 'i', doc: 'List the system calls that are not watched unless asked for.' },
  { name: 'describe-all', short: 'L', doc: 'Describe all rules.' },
  { name: 'describe', short: 'l', value: 'RULE', doc: 'Describe one rule.' },
  { name: 'list', value: 'SOURCE', isValueOptional: true, doc: 'List the fields, of all sources or of one.' },
  { name: 'list-events', doc: 'List the events.' },
  { name: 'format', value: 'FORMAT', doc: 'Form of the two lists: text, markdown or json.' },
  { name: 'markdown', doc: 'The lists as Markdown (deprecated: --format markdown).' },
  { name: 'names', short: 'N', doc: 'With --list: names only.' },
  { name: 'list-plugins', doc: 'List the plugins that are loaded.' },
  { name: 'plugin-info', value: 'NAME', doc: 'Tell of one plugin.' },
  { name: 'seconds', short: 'M', value: 'SECONDS', doc: 'Stop after as many seconds.' },
  { name: 'option', short: 'o', value: 'KEY=VALUE', doc: 'Set a key of the configuration; repeatable.' },
  {
    name: 'print',
    short: 'p',
    value: 'TEXT',
    doc: 'Add to the output of every rule (deprecated: append_output).',
  },
  { name: 'pidfile', short: 'P', value: 'PATH', doc: 'Write the process id to a file.' },
  {
    name: 'rules',
    short: 'r',
    value: 'PATH',
    doc: 'Rules file or folder instead of the configured ones; repeatable.',
  },
  {
    name: 'scope',
    value: 'SCOPE',
    doc: 'Watch only `cgroup:PATH` or `container:ID` (not in the reference).',
  },
  { name: 'support', doc: 'Print what support needs to know, as JSON.' },
  { name: 'unbuffered', short: 'U', doc: 'Write each alert at once.' },
  {
    name: 'user',
    value: 'USER',
    doc: 'Run as that user, a name or a number, with the capabilities that it takes (not in the reference).',
  },
  { name: 'validate', short: 'V', value: 'FILE', doc: 'Check rules files and end; repeatable.' },
  { name: 'verbose', short: 'v', doc: 'Tell more.' },
  { name: 'version', doc: 'Show versions.' },
  { name: 'page-size', doc: "Show the machine's page size." },
];
