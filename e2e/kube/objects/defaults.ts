/** What API servers fill in where an object says nothing. */

import {
  compact,
  documentAt,
  documentsAt,
  type Json,
  type JsonDocument,
  textAt,
  withAt,
} from '../document.ts';
import type { ResourceType } from './resource-types.ts';

/** The object with what its kind takes for granted. */
export function withDefaults(type: ResourceType, object: JsonDocument): JsonDocument {
  switch (`${type.group}/${type.resource}`) {
    case '/pods':
      return { ...object, spec: podSpec(documentAt(object, 'spec')), status: podStatus(object) };
    case '/namespaces':
      return {
        ...withAt(object, ['metadata', 'labels', 'kubernetes.io/metadata.name'], nameOf(object)),
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active', ...documentAt(object, 'status') },
      };
    case '/services':
      return {
        ...object,
        spec: {
          type: 'ClusterIP',
          clusterIP: '10.96.0.10',
          sessionAffinity: 'None',
          ...documentAt(object, 'spec'),
        },
        status: { loadBalancer: {}, ...documentAt(object, 'status') },
      };
    case '/secrets':
      return encodedSecret({ type: 'Opaque', ...object });
    case 'apps/deployments':
      return workload(object, {
        replicas: 1,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      });
    case 'apps/replicasets':
      return workload(object, { replicas: 1 });
    case 'apps/statefulsets':
      return workload(object, {
        replicas: 1,
        podManagementPolicy: 'OrderedReady',
        updateStrategy: { type: 'RollingUpdate' },
      });
    case 'apps/daemonsets':
      return workload(object, { updateStrategy: { type: 'RollingUpdate' } });
    case 'batch/jobs':
      return workload(object, { parallelism: 1, completions: 1, backoffLimit: 6 });
    case 'networking.k8s.io/networkpolicies':
      return withAt(object, ['spec'], { policyTypes: policyTypes(object), ...documentAt(object, 'spec') });
    default:
      return object;
  }
}

function nameOf(object: JsonDocument): string {
  return textAt(object, 'metadata', 'name');
}

function policyTypes(object: JsonDocument): readonly Json[] {
  return documentAt(object, 'spec').egress === undefined ? ['Ingress'] : ['Ingress', 'Egress'];
}

function encodedSecret({ stringData, ...secret }: JsonDocument): JsonDocument {
  const encoded = Object.entries(documentAt(stringData)).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  return { ...secret, data: { ...documentAt(secret, 'data'), ...Object.fromEntries(encoded) } };
}

function workload(object: JsonDocument, defaults: JsonDocument): JsonDocument {
  const spec = { ...defaults, ...documentAt(object, 'spec') };
  const template = documentAt(spec, 'template');
  const whole = { ...template, spec: podSpec(documentAt(template, 'spec')) };
  return { ...object, spec: { ...spec, template: whole }, status: documentAt(object, 'status') };
}

function podSpec(spec: JsonDocument): JsonDocument {
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'default',
    securityContext: {},
    schedulerName: 'default-scheduler',
    enableServiceLinks: true,
    ...spec,
    ...compact({
      initContainers: spec.initContainers === undefined ? undefined : containersOf(spec, 'initContainers'),
      containers: spec.containers === undefined ? undefined : containersOf(spec, 'containers'),
    }),
  };
}

function containersOf(spec: JsonDocument, key: string): readonly Json[] {
  return documentsAt(spec, key).map((container) => ({
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    ...container,
  }));
}

function podStatus(object: JsonDocument): JsonDocument {
  return { phase: 'Pending', qosClass: 'BestEffort', ...documentAt(object, 'status') };
}
