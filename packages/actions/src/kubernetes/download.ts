/** A file of the alert's pod. */

import { schema, text } from '@peregrine/base';
import { type ActionOutcome, defineAction } from '../action.ts';
import { podTarget, podText } from '../targets/pod.ts';
import { execPermissions } from './exec.ts';
import type { ExecResult } from './kube-port.ts';
import { orOutcome } from './outcome-of.ts';
import { failureOf, podForRun, textOf } from './run-in-containers.ts';
import { expandVariables, textRefusals } from './shell-command.ts';

/** Longest file; what is longer is cut. */
const MOST_BYTES = 64 * 1024 * 1024;

export const download = defineAction({
  name: 'kubernetes:download',
  platform: 'kubernetes',
  doc: 'Reads a file out of the pod that the alert came from: from the first of its containers that has it, by `cat`, and without a shell. At most 64 MiB of it.',
  parameters: schema({
    file: text({
      doc: 'Path of the file; `${NAME}` stands for a field of the alert, as in `${FD_NAME}`.',
      example: '/etc/passwd',
    }),
    container: text({ default: '', doc: 'Only from the container of this name; empty, from any.' }),
  }),
  refuses: ({ file }) => textRefusals('file', file),
  target: podTarget,
  continues: true,
  artifact: 'required',
  permissions: () => execPermissions,
  isRepeatable: true,
  timeoutMs: () => 120_000,
  examples: [
    { doc: 'Always the same file.', parameters: { file: '/etc/passwd' } },
    { doc: 'The one that the alert is about.', parameters: { file: '${FD_NAME}', container: 'app' } },
  ],
  run: ({ target, targetUid, parameters, variables, ports, signal }) =>
    orOutcome(podText(target), async () => {
      const path = expandVariables(parameters.file, variables);
      if (path.kind === 'missing')
        return { kind: 'refused', reason: `the alert has nothing for \`\${${path.name}}\` in \`file\`` };
      const kube = await ports.kube();
      const found = await podForRun(kube, { target, targetUid, container: parameters.container }, signal);
      if (found.kind !== 'pod') return found;
      const { namespace, name: pod } = target;
      const command = ['cat', '--', path.text];
      let why: ActionOutcome = { kind: 'refused', reason: 'there is no container' };
      for (const container of found.containers) {
        try {
          const exec = { namespace, pod, container, command, mostBytes: MOST_BYTES };
          const result = await kube.exec(exec, signal);
          if (result.exitCode === 0)
            return outcomeWith(
              result,
              path.text,
              `${podText(target)}, container ${container}`,
              kube.isDryRun,
            );
          why = {
            kind: 'refused',
            reason: `\`${container}\`: ${textOf(result.stderr, 200).trim() || 'no exit code'}`,
          };
        } catch (error) {
          why = failureOf(error, podText(target));
        }
      }
      return why;
    }),
});

function outcomeWith(
  { stdout, isCut }: ExecResult,
  path: string,
  from: string,
  isDryRun: boolean,
): ActionOutcome {
  const shown = JSON.stringify(path.slice(0, 200));
  if (isDryRun) return { kind: 'done', summary: `would read ${shown} of ${from}` };
  const cut = isCut ? `, of which only the first ${MOST_BYTES / 1024 ** 2} MiB` : '';
  return {
    kind: 'done',
    summary: `read ${shown} of ${from}: ${stdout.length} bytes${cut}`,
    artifact: { name: path, contentType: 'application/octet-stream', bytes: stdout },
    results: { size: stdout.length },
  };
}
