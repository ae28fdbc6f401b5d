/** Audit events of the sizes and kinds that API servers log at the level RequestResponse: 2 to 8 KB each. */

import type { JsonDocument } from '@peregrine/base';

const labels = {
  app: 'shop',
  tier: 'front',
  'app.kubernetes.io/managed-by': 'Helm',
  'pod-template-hash': '7d4f9c6b5d',
};

function container(i: number): JsonDocument {
  return {
    name: `app-${i}`,
    image: `registry.example.org/team-${i}/service:1.${i}.0`,
    args: ['--config=/etc/app/config.yaml', `--shard=${i}`, '--log-level=info'],
    env: Array.from({ length: 8 }, (_, n) => ({
      name: `SETTING_${n}`,
      value: `value-${i}-${n}-${'x'.repeat(16)}`,
    })),
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    volumeMounts: [
      { name: 'config', mountPath: '/etc/app' },
      { name: 'token', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
    ],
    livenessProbe: { httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' }, periodSeconds: 10 },
    terminationMessagePath: '/dev/termination-log',
    imagePullPolicy: 'IfNotPresent',
    securityContext: { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
  };
}

function pod(i: number): JsonDocument {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name: `web-${i}`,
      namespace: 'shop',
      labels,
      annotations: { 'checksum/config': 'a'.repeat(64) },
      uid: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
      resourceVersion: String(100_000 + i),
    },
    spec: {
      volumes: [
        { name: 'config', configMap: { name: 'app', defaultMode: 420 } },
        {
          name: 'token',
          projected: { sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }] },
        },
      ],
      containers: i % 3 === 0 ? [container(i), container(i + 1)] : [container(i)],
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'shop',
      nodeName: `node-${i % 20}`,
      tolerations: [
        {
          key: 'node.kubernetes.io/not-ready',
          operator: 'Exists',
          effect: 'NoExecute',
          tolerationSeconds: 300,
        },
      ],
    },
    status: {
      phase: 'Running',
      podIP: `10.244.${i % 250}.7`,
      conditions: Array.from({ length: 4 }, (_, n) => ({
        type: `Condition${n}`,
        status: 'True',
        lastTransitionTime: '2026-11-25T10:00:00Z',
      })),
    },
  };
}

const kinds = [
  { verb: 'update', resource: 'pods', subresource: 'status' },
  { verb: 'get', resource: 'pods', subresource: undefined },
  { verb: 'patch', resource: 'deployments', subresource: undefined },
  { verb: 'create', resource: 'pods', subresource: undefined },
  { verb: 'update', resource: 'leases', subresource: undefined },
  { verb: 'list', resource: 'endpoints', subresource: undefined },
  { verb: 'watch', resource: 'configmaps', subresource: undefined },
  { verb: 'get', resource: 'nodes', subresource: undefined },
];

/** `i` makes it one of its own. Few give alerts, as in a cluster where nothing happens. */
export function auditEvent(i: number): JsonDocument {
  const { verb, resource, subresource } = kinds[i % kinds.length] ?? {
    verb: 'get',
    resource: 'pods',
    subresource: undefined,
  };
  const object = pod(i);
  const isRead = verb === 'get' || verb === 'list' || verb === 'watch';
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    auditID: `10000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    stage: 'ResponseComplete',
    requestURI: `/api/v1/namespaces/shop/${resource}/web-${i}${subresource === undefined ? '' : `/${subresource}`}?fieldManager=kubelet&timeout=30s`,
    verb,
    user: {
      username: i % 40 === 0 ? 'alice' : `system:serviceaccount:kube-system:controller-${i % 7}`,
      uid: 'u',
      groups: ['system:serviceaccounts', 'system:authenticated'],
    },
    sourceIPs: [`10.0.${i % 250}.4`],
    userAgent: 'kube-controller-manager/v1.30.1 (linux/amd64) kubernetes/6911225',
    objectRef: {
      resource,
      namespace: 'shop',
      name: `web-${i}`,
      apiVersion: 'v1',
      ...(subresource === undefined ? {} : { subresource }),
    },
    responseStatus: { metadata: {}, code: verb === 'create' ? 201 : 200 },
    ...(isRead ? {} : { requestObject: object }),
    responseObject: object,
    requestReceivedTimestamp: '2026-11-25T10:00:00.100000Z',
    stageTimestamp: '2026-11-25T10:00:00.123456Z',
    annotations: {
      'authorization.k8s.io/decision': 'allow',
      'authorization.k8s.io/reason': 'RBAC: allowed by ClusterRoleBinding',
    },
  };
}

/** Events of a batch, as API servers send them. */
export const EVENTS = 400;

export function batchOf(first: number, count: number): string {
  const items = Array.from({ length: count }, (_, i) => auditEvent(first + i));
  return JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items });
}
