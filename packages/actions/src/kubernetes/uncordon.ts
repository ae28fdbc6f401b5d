/** The node of the alert's pod takes pods again. */

import { schema } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { podText } from '../targets/pod.ts';
import { podNodeTarget } from '../targets/pod-node.ts';
import { uncordonNode } from './cordon-node.ts';
import { nodeForRun, nodePermissions } from './node-for-run.ts';
import { orOutcome } from './outcome-of.ts';

export const uncordon = defineAction({
  name: 'kubernetes:uncordon',
  platform: 'kubernetes',
  doc: 'Lets the node take pods again on which the pod runs that the alert came from, whoever said that it must not.',
  parameters: schema({}),
  target: podNodeTarget,
  continues: true,
  artifact: 'none',
  permissions: () => nodePermissions,
  isRepeatable: true,
  timeoutMs: () => 10_000,
  examples: [{ doc: 'The node of the pod.', parameters: {} }],
  run: ({ target, targetUid, targetNode, ports, signal }) =>
    orOutcome(`node of ${podText(target)}`, async () => {
      const kube = await ports.kube();
      const found = nodeForRun({ targetNode, targetUid });
      return found.kind === 'node' ? uncordonNode(kube, { ...found, runId: undefined }, signal) : found;
    }),
});
