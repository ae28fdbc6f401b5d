/** Annotations on the pod of the alert, or on its node. */

import { choice, schema, textMap } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { podTarget, podText } from '../targets/pod.ts';
import { markedPlace, markPermissions } from './marked-place.ts';
import { restoreMetadata, setMetadata } from './metadata-change.ts';
import { orOutcome } from './outcome-of.ts';
import { isQualifiedName } from './qualified-name.ts';

export const annotation = defineAction({
  name: 'kubernetes:annotation',
  platform: 'kubernetes',
  doc: 'Sets annotations on the pod that the alert came from, or on its node; an empty value removes an annotation. All of them are set at once, or none.',
  parameters: schema({
    annotations: textMap({
      doc: 'Annotations by name; an empty value removes one.',
      example: '{example.org/looked-at-by: "nobody yet"}',
    }),
    level: choice(['pod', 'node'], {
      default: 'pod',
      doc: 'What gets them: the pod, or the node it runs on.',
    }),
  }),
  refuses: ({ annotations }) =>
    Object.keys(annotations)
      .filter((name) => !isQualifiedName(name))
      .map((name) => ({ key: 'annotations', why: `has \`${name}\`, which is no name of an annotation` })),
  target: podTarget,
  continues: true,
  artifact: 'none',
  permissions: ({ level }) => markPermissions(level),
  isRepeatable: true,
  timeoutMs: () => 10_000,
  examples: [
    { doc: 'A note for people.', parameters: { annotations: { 'example.org/looked-at-by': 'nobody yet' } } },
    { doc: 'On its node.', parameters: { annotations: { 'example.org/suspicious': 'yes' }, level: 'node' } },
  ],
  run: ({ target, targetUid, targetNode, parameters: { annotations, level }, ports, signal }) =>
    orOutcome(podText(target), async () => {
      const kube = await ports.kube();
      const marked = markedPlace({ target, targetUid, targetNode, level });
      if (marked.kind !== 'place') return marked;
      return setMetadata(kube, { ...marked, part: 'annotations', wanted: annotations }, signal);
    }),
  undo: restoreMetadata,
});
