/** Keys of actions and rules in files of response rules: Talon's, and ours after them. */

import { choice, duration, flag, list, optional, schema, text, tree } from '@peregrine/base';

/** Of an action, shared or within a rule. */
export const stepKeys = schema({
  action: text({ default: '', doc: 'Its name: rules name a shared action by it.' }),
  description: text({ default: '', doc: 'What it is for, for people.' }),
  actionner: text({
    default: '',
    doc: 'What it does: `category:name`.',
    example: 'kubernetes:terminate',
  }),
  parameters: tree({ doc: 'Parameters of what it does.', type: 'map', example: '{grace_period_seconds: 5}' }),
  output: optional(
    schema(
      {
        target: text({ doc: 'Kind of place: `category:name`.', example: 'local:file' }),
        parameters: tree({
          doc: 'Parameters of that place.',
          type: 'map',
          example: '{destination: /var/tmp}',
        }),
      },
      { doc: 'Where the file goes that it gives.' },
    ),
  ),
  additional_contexts: list(choice(['aws', 'k8snode'], { doc: 'A context.' }), {
    default: [],
    doc: 'What more it may know of: the instance in AWS, the node in Kubernetes.',
  }),
  continue: optional(
    flag({ doc: 'Run the next action after this one went well; the kind of action decides unless set.' }),
  ),
  ignore_errors: flag({ default: false, doc: 'Run the next action also after this one did not go well.' }),
  when: text({
    default: '',
    doc: 'Run it only if this condition holds, over the alert and over `steps.NAME.KEY` of earlier actions; empty, always.',
    example: 'steps.label_pod.state = done and k8s.ns.name != staging',
  }),
  approval: flag({ default: false, doc: 'Wait until somebody approves it.' }),
  dry_run: flag({ default: false, doc: 'Say what it would do, and change nothing.' }),
  timeout: optional(
    duration({
      min: 10,
      doc: 'Longest time that one attempt may take; the kind of action decides unless set.',
    }),
  ),
  undo_after: optional(duration({ min: 1_000, doc: 'Take it back after this time.' })),
  cooldown: optional(
    duration({
      doc: 'Time in which the same is not done to the same target again; `response.cooldown` of the configuration unless set.',
    }),
  ),
});

/** Of a rule. */
export const ruleKeys = schema({
  rule: text({ default: '', doc: 'Its name; that of its condition, if it has none.' }),
  description: text({ default: '', doc: 'What it is for, for people.' }),
  match: schema(
    {
      rules: list(text({ doc: 'Name of a rule.' }), {
        default: [],
        doc: 'Alerts of one of these rules.',
        example: 'Terminal shell in container',
      }),
      priority: text({ default: '', doc: 'Alerts as severe as this.', example: '>=Error' }),
      tags: list(text({ doc: 'Tags, apart by commas.' }), {
        default: [],
        doc: 'Alerts with all tags of one of these groups.',
      }),
      output_fields: list(text({ doc: 'Tests, apart by commas.' }), {
        default: [],
        doc: 'Alerts for which all tests of one of these groups hold: `FIELD=VALUE`, `FIELD!=VALUE`.',
        example: 'k8s.ns.name!=kube-system,k8s.ns.name!=falco',
      }),
      source: text({ default: '', doc: 'Alerts of this source.', example: 'syscall' }),
    },
    { doc: 'Which alerts it is for; all parts must hold.' },
  ),
  when: text({
    default: '',
    doc: 'Condition in the rule language over the alert, beside `match`; empty, it always holds.',
    example: 'rule = "Terminal shell in container" and k8s.ns.name != kube-system',
  }),
  actions: tree({ doc: 'What is done, in this order: actions, or names of shared ones.', type: 'list' }),
  do: tree({
    doc: 'The same in short: names of what to do, or of shared actions.',
    type: 'text or list of texts',
    example: 'kubernetes:terminate',
  }),
  notifiers: list(text({ doc: 'An output of the hub, or `k8sevents`.' }), {
    default: [],
    doc: 'Who is told of what was done, beside `response.defaultnotifiers`.',
  }),
  continue: flag({ default: true, doc: 'Look at later rules, too.' }),
  dry_run: flag({ default: false, doc: 'Say what would be done, and change nothing.' }),
});
