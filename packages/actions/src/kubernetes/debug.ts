/** A container for debugging in the alert's pod. */

import { list, schema, text } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { podTarget, podText } from '../targets/pod.ts';
import { addEphemeral, ephemeralName, hasEphemeral } from './ephemeral-container.ts';
import { orOutcome } from './outcome-of.ts';
import { podForRun } from './run-in-containers.ts';
import { namedIn } from './shell-command.ts';

export const debug = defineAction({
  name: 'kubernetes:debug',
  platform: 'kubernetes',
  doc: 'Puts an ephemeral container with an image and a command of its own into the pod that the alert came from. Fields of the alert that the command names are variables of its environment. It stays until the pod is gone: Kubernetes cannot take it out.',
  parameters: schema({
    image: text({ doc: 'The image.', example: 'busybox:1.37' }),
    command: list(text({ doc: 'A word of it.' }), {
      default: [],
      doc: 'A program and its arguments; none, that of the image.',
      example: '[sh, -c, "ps aux; sleep 600"]',
    }),
    container: text({
      default: '',
      doc: 'Container whose processes it sees; empty, those of the first one.',
    }),
  }),
  refuses: ({ image }) => (/^[^\s]+$/.test(image) ? [] : [{ key: 'image', why: 'is no name of an image' }]),
  target: podTarget,
  continues: true,
  artifact: 'none',
  permissions: () => [
    { group: '', resource: 'pods', verbs: ['get'] },
    { group: '', resource: 'pods/ephemeralcontainers', verbs: ['patch'] },
  ],
  isRepeatable: true,
  timeoutMs: () => 10_000,
  examples: [
    {
      doc: 'Ten minutes for whoever looks into it.',
      parameters: { image: 'busybox:1.37', command: ['sleep', '600'] },
    },
    {
      doc: 'With a field of the alert.',
      parameters: {
        image: 'busybox:1.37',
        command: ['sh', '-c', 'ls -l "/proc/1/root$FD_NAME"'],
        container: 'app',
      },
    },
  ],
  run: ({ runId, target, targetUid, parameters, variables, ports, signal }) =>
    orOutcome(podText(target), async () => {
      const kube = await ports.kube();
      const found = await podForRun(kube, { target, targetUid, container: parameters.container }, signal);
      if (found.kind !== 'pod') return found;
      const name = ephemeralName('debug', runId);
      if (hasEphemeral(found.pod, name))
        return { kind: 'unchanged', reason: `${podText(target)} has container \`${name}\` already` };
      const { image, command } = parameters;
      const container = {
        ...{ name, image, targetContainerName: found.containers[0] },
        ...(command.length === 0 ? {} : { command }),
        env: namedIn(command.join('\n'), variables).map(([key, value]) => ({ name: key, value })),
      };
      await addEphemeral(kube, target, container, signal);
      return {
        kind: 'done',
        summary: `put container \`${name}\` of \`${image}\` into ${podText(target)}`,
        changes: [{ object: podText(target), part: `ephemeral container ${name}`, after: image }],
        results: { container: name },
      };
    }),
});
