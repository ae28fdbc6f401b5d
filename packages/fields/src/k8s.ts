/** Fields of the pod that the event's container belongs to. */

import type { ContainerMetadata } from '@peregrine/state';
import { requiredKey } from './argument.ts';
import { detailField, labelField } from './container.ts';
import { absent, type Binding, defineFields, type FieldDeclaration, textField } from './define-fields.ts';
import { labelOf, labelsText } from './labels.ts';

const SHORT_ID_CHARS = 12;

/** Labels that the container runtime puts on every container of a pod. */
const POD_NAME = 'io.kubernetes.pod.name';
const POD_NAMESPACE = 'io.kubernetes.pod.namespace';
const POD_UID = 'io.kubernetes.pod.uid';
const CONTAINER_NAME = 'io.kubernetes.container.name';

function podField(doc: string, label: string, isSuggested = false): FieldDeclaration {
  return detailField({ doc, isSuggested, read: (metadata) => labelOf(metadata.labels, label) });
}

function isInPod({ podSandboxId, labels }: ContainerMetadata): boolean {
  return podSandboxId !== '' || labelOf(labels, POD_UID) !== undefined;
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
  'k8s.pod.name': podField('Name of the pod.', POD_NAME, true),
  'k8s.ns.name': podField('Namespace of the pod.', POD_NAMESPACE, true),
  'k8s.container.name': podField(
    'Name that the pod gives the container; it stays the same through restarts. An addition of this program.',
    CONTAINER_NAME,
  ),
  'k8s.pod.id': podField('Unique id of the pod; the same as `k8s.pod.uid`.', POD_UID),
  'k8s.pod.uid': podField('Unique id of the pod.', POD_UID),
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
  'k8s.pod.label': labelField('Value of one label of the pod.', ({ podSandboxLabels }) => podSandboxLabels),
  'k8s.pod.labels': detailField({
    doc: 'Labels of the pod as `name:value`, joined by a comma and a blank.',
    onHost: '',
    read: (metadata) => labelsText(metadata.podSandboxLabels),
  }),
  'k8s.pod.ip': detailField({
    doc: "The pod's address.",
    examples: ['10.244.0.7'],
    onHost: '',
    read: (metadata) => (isInPod(metadata) ? metadata.ip : undefined),
  }),
  'k8s.pod.cni.json': detailField({
    doc: 'What the network plugin said of the pod, as JSON.',
    onHost: '',
    read: (metadata) => (isInPod(metadata) ? metadata.cniJson : undefined),
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
