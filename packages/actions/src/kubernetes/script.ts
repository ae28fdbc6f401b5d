/** A shell script in a container of the alert's pod. */

import { readFile } from 'node:fs/promises';
import { schema, text } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { podTarget, podText } from '../targets/pod.ts';
import { execPermissions } from './exec.ts';
import { orOutcome } from './outcome-of.ts';
import { runInContainers } from './run-in-containers.ts';
import { shellCommand, shellRefusals, textRefusals } from './shell-command.ts';

/** `$0` of the script. COMPAT: Talon's name of the file. */
const NAME = 'talon-script.sh';

export const script = defineAction({
  name: 'kubernetes:script',
  platform: 'kubernetes',
  doc: 'Runs a shell script in the last container of the pod that the alert came from. Fields of the alert are variables of its environment, such as `$K8S_POD_NAME`. Unlike with Falco Talon, the script is handed to the shell, and no file is written for it, so that it runs where nothing can be written, too; and values of the alert are never put into its text.',
  parameters: schema({
    script: text({ default: '', doc: 'The script itself; or use `file`.', example: 'ls -la /tmp' }),
    file: text({
      default: '',
      doc: 'Path of a file of the hub that has the script.',
      example: '/etc/peregrine/look.sh',
    }),
    shell: text({ default: '/bin/sh', doc: 'The shell, as the container has it.' }),
    container: text({ default: '', doc: 'In the container of this name; empty, in the last one.' }),
  }),
  refuses: ({ script: own, file, shell }) => [
    ...((own === '') === (file === '') ? [{ key: 'script', why: 'is wanted, or `file`, and not both' }] : []),
    ...(own === '' ? [] : textRefusals('script', own)),
    ...shellRefusals(shell),
  ],
  target: podTarget,
  continues: true,
  artifact: 'none',
  permissions: () => execPermissions,
  isRepeatable: false,
  timeoutMs: () => 60_000,
  examples: [
    { doc: 'In the rule itself.', parameters: { script: 'ps aux\nls -la /tmp\n' } },
    { doc: 'From a file of the hub.', parameters: { file: '/etc/peregrine/look.sh', shell: '/bin/bash' } },
  ],
  run: ({ target, targetUid, parameters, variables, ports, signal }) =>
    orOutcome(podText(target), async () => {
      const { shell, container } = parameters;
      const read = await textOfScript(parameters, signal);
      if (read.kind !== 'text') return read;
      const command = shellCommand({ shell, text: read.text, variables, name: NAME });
      const request = { target, targetUid, command, container, which: 'last', what: 'the script' } as const;
      return runInContainers(await ports.kube(), request, signal);
    }),
});

async function textOfScript(
  { script: own, file }: { readonly script: string; readonly file: string },
  signal: AbortSignal,
): Promise<
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'refused'; readonly reason: string }
> {
  if (own !== '') return { kind: 'text', text: own };
  try {
    const text = await readFile(file, { encoding: 'utf8', signal });
    const [refusal] = textRefusals('file', text);
    return refusal === undefined
      ? { kind: 'text', text }
      : { kind: 'refused', reason: `\`${file}\` ${refusal.why}` };
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'refused', reason: `\`${file}\` cannot be read: ${why}` };
  }
}
