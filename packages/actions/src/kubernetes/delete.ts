/** Deletion of the object that an alert of the audit log is about. */

import { choice, list, schema } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { auditKinds, auditObjectTarget } from '../targets/audit-object.ts';
import { placeText } from './api-path.ts';
import { isAnother } from './is-another.ts';
import { groupOf } from './kinds.ts';
import { orOutcome } from './outcome-of.ts';

/** COMPAT: what Talon deletes; pods only where a rule says so. */
const usual = auditKinds.map(({ resource }) => resource).filter((resource) => resource !== 'pods');

export const deleteObject = defineAction({
  name: 'kubernetes:delete',
  platform: 'kubernetes',
  doc: 'Deletes the object that an alert of the Kubernetes audit log is about, and never a newer one of the same name. Protected namespaces are protected from their own deletion, too.',
  parameters: schema({
    resources: list(
      choice(
        auditKinds.map(({ resource }) => resource),
        { doc: 'A resource of the API.' },
      ),
      {
        default: usual,
        doc: 'What may be deleted; the generated RBAC allows no more.',
        example: '[configmaps, secrets]',
      },
    ),
  }),
  target: auditObjectTarget,
  continues: false,
  artifact: 'none',
  permissions: ({ resources }) =>
    auditKinds
      .filter(({ resource }) => resources.includes(resource))
      .map((kind) => ({ group: groupOf(kind), resource: kind.resource, verbs: ['get', 'delete'] })),
  isRepeatable: true,
  timeoutMs: () => 10_000,
  examples: [
    { doc: 'Whatever it is.', parameters: {} },
    { doc: 'Only what holds data.', parameters: { resources: ['configmaps', 'secrets'] } },
  ],
  run: ({ target: { place, subresource }, targetUid, parameters: { resources }, ports, signal }) => {
    const text = placeText(place);
    return orOutcome(text, async () => {
      if (!resources.includes(place.kind.resource))
        return {
          kind: 'unchanged',
          reason: `${text} is left alone: \`resources\` has no \`${place.kind.resource}\``,
        };
      const kube = await ports.kube();
      try {
        await kube.delete(place, { uid: targetUid }, signal);
      } catch (error) {
        if (targetUid !== undefined && (await isAnother(kube, { place, uid: targetUid, error }, signal)))
          return { kind: 'unchanged', reason: `${text} is gone, and another of that name is there` };
        throw error;
      }
      return {
        kind: 'done',
        summary: `deleted ${text}`,
        changes: [{ object: text, before: 'there', after: 'deleted' }],
        results: { resource: place.kind.resource, subresource },
      };
    });
  },
});
