/** What the alert's pod wrote of late. */

import { integer, schema, text } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { podTarget, podText } from '../targets/pod.ts';
import { KubeFailure } from './kube-port.ts';
import { orOutcome } from './outcome-of.ts';
import { podForRun, textOf } from './run-in-containers.ts';

const MOST_BYTES = 16 * 1024 * 1024;
const MOST_TOLD = 4_096;

export const log = defineAction({
  name: 'kubernetes:log',
  platform: 'kubernetes',
  doc: 'Reads the last lines that the pod wrote that the alert came from: those of the first container that wrote any. At most 16 MiB.',
  parameters: schema({
    tail_lines: integer({ default: 20, min: 1, max: 1_000_000, doc: 'How many of the last lines.' }),
    container: text({
      default: '',
      doc: 'Only of the container of this name; empty, of the first that wrote any.',
    }),
  }),
  target: podTarget,
  continues: true,
  artifact: 'optional',
  permissions: () => [
    { group: '', resource: 'pods', verbs: ['get'] },
    { group: '', resource: 'pods/log', verbs: ['get'] },
  ],
  isRepeatable: true,
  timeoutMs: () => 30_000,
  examples: [
    { doc: 'The last 20 lines.', parameters: {} },
    { doc: 'More of one container.', parameters: { tail_lines: 1000, container: 'app' } },
  ],
  run: ({ target, targetUid, parameters: { tail_lines: tailLines, container: wanted }, ports, signal }) =>
    orOutcome(podText(target), async () => {
      const kube = await ports.kube();
      const found = await podForRun(kube, { target, targetUid, container: wanted }, signal);
      if (found.kind !== 'pod') return found;
      const { namespace, name: pod } = target;
      for (const container of found.containers) {
        const request = { namespace, pod, container, tailLines, mostBytes: MOST_BYTES };
        const bytes = await kube.log(request, signal).catch((error: unknown) => {
          // It has not begun yet, and wrote nothing.
          if (error instanceof KubeFailure && error.status === 400) return new Uint8Array();
          throw error;
        });
        if (bytes.length === 0) continue;
        return {
          kind: 'done',
          summary: `read ${bytes.length} bytes of the log of ${podText(target)}, container ${container}`,
          artifact: { name: `${container}.log`, contentType: 'text/plain; charset=utf-8', bytes },
          results: { container, log: textOf(bytes, MOST_TOLD) },
        };
      }
      return { kind: 'unchanged', reason: `${podText(target)} wrote nothing` };
    }),
});
