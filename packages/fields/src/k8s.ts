/** Fields of the pod that the event's container belongs to. */

import { requiredKey } from './argument.ts';
import { detailField } from './container.ts';
import { isOnHost, metadataOf } from './containers.ts';
import { absent, type Binding, defineFields, type FieldDeclaration, textField } from './define-fields.ts';
import { labelOf, labelsText } from './labels.ts';

const SHORT_ID_CHARS = 12;

/** Labels that the container runtime puts on every container of a pod. */
const POD_NAME = 'io.kubernetes.pod.name';
const POD_NAMESPACE = 'io.kubernetes.pod.namespace';
const POD_UID = 'io.kubernetes.pod.uid';

function labelField(doc: string, label: string, isSuggested = false): FieldDeclaration {
  return detailField({ doc, isSuggested, read: (metadata) => labelOf(metadata.labels, label) });
}

/** Objects that this source never hears of: rules that name them stay valid, and have no value to compare. */
function retired(object: string, detail: string): FieldDeclaration {
  return textField({
    doc: `${detail} of the ${object}; kept for old rules, never has a value.`,
    scope: 'constant',
    isDeprecated: true,
    read: absent,
  });
}

function retiredLabel(object: string): FieldDeclaration {
  return textField({
    doc: `One label of the ${object}; kept for old rules, never has a value.`,
    scope: 'constant',
    isDeprecated: true,
    argument: requiredKey,
    bind: (): Binding => ({ read: absent }),
  });
}

export const k8sFields = defineFields('container', {
  'k8s.pod.name': labelField('Name of the pod.', POD_NAME, true),
  'k8s.ns.name': labelField('Namespace of the pod.', POD_NAMESPACE, true),
  'k8s.pod.id': labelField('Unique id of the pod; the same as `k8s.pod.uid`.', POD_UID),
  'k8s.pod.uid': labelField('Unique id of the pod.', POD_UID),
  'k8s.pod.sandbox_id': detailField({
    doc: "Id of the pod's sandbox container, cut to 12 characters.",
    onHost: '',
    read: (metadata) => metadata.podSandboxId.slice(0, SHORT_ID_CHARS),
  }),
  'k8s.pod.full_sandbox_id': detailField({
    doc: "Id of the pod's sandbox container in full.",
    onHost: '',
    read: (metadata) => metadata.podSandboxId,
  }),
  'k8s.pod.label': textField({
    doc: 'Value of one label of the pod.',
    examples: ['web'],
    scope: 'thread',
    cost: 60,
    argument: requiredKey,
    bind: (key): Binding => ({
      read: (event) => {
        const { thread } = event;
        if (thread === undefined || isOnHost(thread)) return undefined;
        const metadata = metadataOf(event, thread);
        return metadata === undefined ? undefined : labelOf(metadata.podSandboxLabels, key);
      },
    }),
  }),
  'k8s.pod.labels': detailField({
    doc: 'Labels of the pod as `name:value`, joined by a comma and a blank.',
    onHost: '',
    read: (metadata) => labelsText(metadata.podSandboxLabels),
  }),
  'k8s.pod.ip': detailField({
    doc: "The pod's address.",
    examples: ['10.244.0.7'],
    onHost: '',
    read: (metadata) => metadata.ip,
  }),
  'k8s.pod.cni.json': detailField({
    doc: 'What the network plugin said of the pod, as JSON.',
    onHost: '',
    read: (metadata) => metadata.cniJson,
  }),
  'k8s.rc.name': retired('replication controller', 'Name'),
  'k8s.rc.id': retired('replication controller', 'Id'),
  'k8s.rc.label': retiredLabel('replication controller'),
  'k8s.rc.labels': retired('replication controller', 'Labels'),
  'k8s.svc.name': retired('service', 'Name'),
  'k8s.svc.id': retired('service', 'Id'),
  'k8s.svc.label': retiredLabel('service'),
  'k8s.svc.labels': retired('service', 'Labels'),
  'k8s.ns.id': retired('namespace', 'Id'),
  'k8s.ns.label': retiredLabel('namespace'),
  'k8s.ns.labels': retired('namespace', 'Labels'),
  'k8s.rs.name': retired('replica set', 'Name'),
  'k8s.rs.id': retired('replica set', 'Id'),
  'k8s.rs.label': retiredLabel('replica set'),
  'k8s.rs.labels': retired('replica set', 'Labels'),
  'k8s.deployment.name': retired('deployment', 'Name'),
  'k8s.deployment.id': retired('deployment', 'Id'),
  'k8s.deployment.label': retiredLabel('deployment'),
  'k8s.deployment.labels': retired('deployment', 'Labels'),
});
