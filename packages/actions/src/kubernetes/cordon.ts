/** The node of the alert's pod takes no new pods. */

import { schema } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { podText } from '../targets/pod.ts';
import { podNodeTarget } from '../targets/pod-node.ts';
import { cordonNode, uncordonOurs } from './cordon-node.ts';
import { nodeForRun, nodePermissions } from './node-for-run.ts';
import { orOutcome } from './outcome-of.ts';

export const cordon = defineAction({
  name: 'kubernetes:cordon',
  platform: 'kubernetes',
  doc: 'Lets the node take no new pods on which the pod runs that the alert came from. It must come before an action that deletes the pod, which tells the node. Taken back, it takes pods again, unless somebody else cordoned it meanwhile.',
  parameters: schema({}),
  target: podNodeTarget,
  continues: true,
  artifact: 'none',
  permissions: () => nodePermissions,
  isRepeatable: true,
  timeoutMs: () => 10_000,
  examples: [{ doc: 'The node of the pod.', parameters: {} }],
  run: ({ runId, target, targetUid, targetNode, ports, signal }) =>
    orOutcome(`node of ${podText(target)}`, async () => {
      const kube = await ports.kube();
      const found = nodeForRun({ targetNode, targetUid });
      return found.kind === 'node' ? cordonNode(kube, { ...found, runId }, signal) : found;
    }),
  undo: uncordonOurs,
});
