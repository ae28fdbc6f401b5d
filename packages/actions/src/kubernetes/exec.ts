/** A shell command in the containers of the alert's pod. */

import { schema, text } from '@peregrine/base';
import { defineAction, type Permission } from '../action.ts';
import { podTarget, podText } from '../targets/pod.ts';
import { orOutcome } from './outcome-of.ts';
import { runInContainers } from './run-in-containers.ts';
import { shellCommand, shellRefusals, textRefusals } from './shell-command.ts';

/** Both verbs: which one counts depends on the version of the API server. */
export const execPermissions: readonly Permission[] = [
  { group: '', resource: 'pods', verbs: ['get'] },
  { group: '', resource: 'pods/exec', verbs: ['get', 'create'] },
];

export const exec = defineAction({
  name: 'kubernetes:exec',
  platform: 'kubernetes',
  doc: 'Runs a shell command in every container of the pod that the alert came from, one after the other. Fields of the alert are variables of its environment, such as `$K8S_POD_NAME`. Unlike with Falco Talon, their values are never put into the text of the command, so that nothing in an alert is run; failures in any container are told; and `additional_contexts` count. Output and exit code of the last container are results for later conditions.',
  parameters: schema({
    command: text({ doc: 'The command, for the shell.', example: 'ps aux > /tmp/ps-$K8S_POD_NAME' }),
    shell: text({ default: '/bin/sh', doc: 'The shell, as the containers have it.' }),
    container: text({ default: '', doc: 'Only in the container of this name; empty, in all.' }),
  }),
  refuses: ({ command, shell }) => [...textRefusals('command', command), ...shellRefusals(shell)],
  target: podTarget,
  continues: true,
  artifact: 'none',
  permissions: () => execPermissions,
  isRepeatable: false,
  timeoutMs: () => 60_000,
  examples: [
    { doc: 'What runs there.', parameters: { command: 'ps aux' } },
    {
      doc: 'With a field of the alert.',
      parameters: {
        command: 'echo "$K8S_POD_NAME: $EVT_TYPE" >> /tmp/seen',
        shell: '/bin/bash',
        container: 'app',
      },
    },
  ],
  run: ({ target, targetUid, parameters: { command, shell, container }, variables, ports, signal }) =>
    orOutcome(podText(target), async () => {
      const words = shellCommand({ shell, text: command, variables });
      const request = {
        target,
        targetUid,
        command: words,
        container,
        which: 'all',
        what: 'the command',
      } as const;
      return runInContainers(await ports.kube(), request, signal);
    }),
});
