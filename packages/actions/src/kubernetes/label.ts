/** Labels on the pod of the alert, or on its node. */

import { choice, schema, textMap } from '@peregrine/base';
import { defineAction, type ParameterRefusal } from '../action.ts';
import { podTarget, podText } from '../targets/pod.ts';
import { markedPlace, markPermissions } from './marked-place.ts';
import { restoreMetadata, setMetadata } from './metadata-change.ts';
import { orOutcome } from './outcome-of.ts';
import { isQualifiedName } from './qualified-name.ts';

export const label = defineAction({
  name: 'kubernetes:label',
  platform: 'kubernetes',
  doc: 'Sets labels on the pod that the alert came from, or on its node; an empty value removes a label. All of them are set at once, or none.',
  parameters: schema({
    labels: textMap({ doc: 'Labels by name; an empty value removes one.', example: '{suspicious: "true"}' }),
    level: choice(['pod', 'node'], {
      default: 'pod',
      doc: 'What gets them: the pod, or the node it runs on.',
    }),
  }),
  refuses: ({ labels }) => Object.entries(labels).flatMap(([name, value]) => whyNot(name, value)),
  target: podTarget,
  continues: true,
  artifact: 'none',
  permissions: ({ level }) => markPermissions(level),
  isRepeatable: true,
  timeoutMs: () => 10_000,
  examples: [
    { doc: 'Mark the pod for whoever looks into it.', parameters: { labels: { suspicious: 'true' } } },
    { doc: 'Mark its node.', parameters: { labels: { suspicious: 'true' }, level: 'node' } },
  ],
  run: ({ target, targetUid, targetNode, parameters: { labels, level }, ports, signal }) =>
    orOutcome(podText(target), async () => {
      const kube = await ports.kube();
      const marked = markedPlace({ target, targetUid, targetNode, level });
      if (marked.kind !== 'place') return marked;
      return setMetadata(kube, { ...marked, part: 'labels', wanted: labels }, signal);
    }),
  undo: restoreMetadata,
});

function whyNot(name: string, value: string): readonly ParameterRefusal[] {
  if (!isQualifiedName(name)) return [{ key: 'labels', why: `has \`${name}\`, which is no name of a label` }];
  const isFine = value.length <= 63 && /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/.test(value);
  return isFine ? [] : [{ key: 'labels', why: `gives \`${name}\` a value that no label can have` }];
}
