/** Every action on Kubernetes through the official client's configuration and real requests, on a stand-in for a cluster. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Action,
  type ActionPorts,
  kubernetesActions,
  type OpenedKube,
  openKube,
} from '@peregrine/actions';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { alertOf } from '../packages/actions/testing/alert-of.ts';
import { parametersOf, type RunResult, runAction, undoOf } from '../packages/actions/testing/run-action.ts';
import {
  type Cluster,
  clusterObstacle,
  type ExecCall,
  type JsonDocument,
  openCluster,
  type RequestMatch,
} from './kube/cluster.ts';
import { textAt } from './kube/document.ts';
import { until } from './program.ts';

/** The machine may be busy with other things. */
const LIMIT_MS = 60_000;
vi.setConfig({ testTimeout: 2 * LIMIT_MS, hookTimeout: LIMIT_MS });

interface Sample {
  readonly parameters?: (place: Place) => unknown;
  /** The request that changes something, or gets what is wanted. */
  readonly decisive: RequestMatch;
  /** What is allowed for other versions of the API server, other kinds of workloads, other states of the object. */
  readonly spare?: RegExp;
}

const execs = { resource: 'pods', subresource: 'exec' };
const ephemeral = { verb: 'patch', resource: 'pods', subresource: 'ephemeralcontainers' };
const EXEC = /^(get|create) pods\/exec$/;
const POLICY = /^(update|delete) /;

const samples: Readonly<Record<string, Sample>> = {
  'kubernetes:terminate': { decisive: { verb: 'delete', resource: 'pods' } },
  'kubernetes:evict': { decisive: { verb: 'create', resource: 'pods', subresource: 'eviction' } },
  'kubernetes:delete': {
    decisive: { verb: 'delete', resource: 'configmaps' },
    parameters: () => ({ resources: ['configmaps'] }),
  },
  'kubernetes:label': {
    decisive: { verb: 'patch', resource: 'pods' },
    parameters: () => ({ labels: { suspicious: 'true', app: '' } }),
  },
  'kubernetes:annotation': {
    decisive: { verb: 'patch', resource: 'nodes' },
    parameters: () => ({ annotations: { 'example.org/seen': 'yes' }, level: 'node' }),
  },
  'kubernetes:networkpolicy': { decisive: { verb: 'create', resource: 'networkpolicies' }, spare: POLICY },
  'calico:networkpolicy': { decisive: { verb: 'create', resource: 'networkpolicies' }, spare: POLICY },
  'cilium:networkpolicy': { decisive: { verb: 'create', resource: 'ciliumnetworkpolicies' }, spare: POLICY },
  'kubernetes:exec': { decisive: execs, parameters: () => ({ command: 'id' }), spare: EXEC },
  'kubernetes:script': { decisive: execs, parameters: () => ({ script: 'id' }), spare: EXEC },
  'kubernetes:log': { decisive: { resource: 'pods', subresource: 'log' } },
  'kubernetes:download': { decisive: execs, parameters: () => ({ file: '/etc/passwd' }), spare: EXEC },
  'kubernetes:debug': {
    decisive: ephemeral,
    parameters: () => ({ image: 'busybox', command: ['sleep', '9'] }),
  },
  'kubernetes:tcpdump': { decisive: ephemeral, parameters: () => ({ duration: 1 }), spare: EXEC },
  'kubernetes:sysdig': {
    decisive: { verb: 'create', resource: 'jobs' },
    parameters: ({ namespace }) => ({ duration: 1, namespace }),
    spare: EXEC,
  },
  'kubernetes:scale': {
    decisive: { verb: 'patch', resource: 'deployments', subresource: 'scale' },
    spare: /statefulsets|replicasets\/scale|replicationcontrollers/,
  },
  'kubernetes:restart': {
    decisive: { verb: 'patch', resource: 'deployments' },
    spare: /statefulsets|daemonsets/,
  },
  'kubernetes:cordon': { decisive: { verb: 'patch', resource: 'nodes' } },
  'kubernetes:uncordon': { decisive: { verb: 'patch', resource: 'nodes' } },
  'kubernetes:drain': {
    decisive: { verb: 'create', resource: 'pods', subresource: 'eviction' },
    parameters: () => ({ max_wait_period: 30 }),
  },
};

/** What each test has for itself: a namespace, a node, a Deployment on it, somebody who asks. */
interface Place {
  readonly namespace: string;
  readonly node: string;
  readonly pod: string;
  readonly user: string;
}

const kept = [
  'pods',
  'nodes',
  'deployments',
  'replicasets',
  'configmaps',
  'networkpolicies',
  'ciliumnetworkpolicies',
  'jobs',
];

const obstacle = clusterObstacle();
const title = `actions on Kubernetes${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`;

test('each action has a sample here', () => {
  expect(Object.keys(samples)).toEqual(kubernetesActions.map(({ name }) => name));
});

describe.skipIf(obstacle !== undefined)(title, () => {
  let cluster: Cluster;
  const opened: OpenedKube[] = [];
  let placeCount = 0;
  let execCount = 0;

  const command = ({ command: words, stdout }: ExecCall): number => {
    execCount++;
    stdout.write(words.includes('id') ? 'uid=0(root)\n' : Buffer.alloc(64, 7));
    return 0;
  };

  beforeAll(async () => {
    cluster = await openCluster({ nodes: ['other'], exec: command, log: () => 'one\ntwo' });
  });
  afterAll(async () => {
    for (const kube of opened) kube.close();
    await cluster?.close();
  });

  const podsIn = (namespace: string): readonly JsonDocument[] =>
    cluster.list('pods', namespace).filter((pod) => textAt(pod, 'status', 'phase') === 'Running');

  async function place(isCordoned = false): Promise<Place> {
    const id = ++placeCount;
    const [namespace, node, user] = [`place-${id}`, `node-${id}`, `robot-${id}`];
    const template = {
      metadata: { labels: { app: 'web' } },
      spec: {
        nodeName: node,
        containers: [{ name: 'main', image: 'web' }],
        terminationGracePeriodSeconds: 0,
      },
    };
    cluster.put(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: node },
        spec: isCordoned ? { unschedulable: true } : {},
      },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'keys', namespace }, data: { a: 'b' } },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', namespace },
        spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template },
      },
    );
    await until('the pods run', () => podsIn(namespace).length === 2, LIMIT_MS);
    return { namespace, node, user, pod: textAt(podsIn(namespace)[0], 'metadata', 'name') };
  }

  function allow({ user }: Place, rules: readonly string[]): void {
    const metadata = { name: user };
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: user };
    const [apiVersion, subjects] = ['rbac.authorization.k8s.io/v1', [{ kind: 'User', name: user }]];
    const granted = rules.map((rule) => {
      const [, verb = '', resource = '', group = ''] = /^(\S+) ([^.]+)\.?(.*)$/.exec(rule) ?? [];
      return { apiGroups: [group], resources: [resource], verbs: [verb] };
    });
    cluster.put(
      { apiVersion, kind: 'ClusterRole', metadata, rules: granted },
      { apiVersion, kind: 'ClusterRoleBinding', metadata, roleRef, subjects },
    );
  }

  async function portsOf(user: string, isDryRun = false): Promise<ActionPorts> {
    const kube = await openKube({ kubeconfig: cluster.kubeconfigFor(user).file, environment: {} });
    opened.push(kube);
    const hands = (): never => {
      throw new Error('these tests act on no machine');
    };
    return {
      kube: async () => (isDryRun ? kube.dryPort : kube.port),
      ...{ hands, environment: {}, callFunction: undefined, record: undefined },
    };
  }

  const alertFor = ({ namespace, pod }: Place): ReturnType<typeof alertOf> =>
    alertOf({
      fields: {
        ...{ 'k8s.ns.name': namespace, 'k8s.pod.name': pod, 'fd.rip': '203.0.113.7' },
        ...{ 'ka.target.resource': 'configmaps', 'ka.target.name': 'keys', 'ka.target.namespace': namespace },
      },
    });

  /** `delete pods`, `patch deployments/scale.apps`, each once. */
  function grantsOf(action: Action, parameters: unknown): readonly string[] {
    const permissions = action.permissions(parametersOf(action, parameters));
    const rules = permissions.flatMap(({ group, resource, verbs }) =>
      verbs.map((verb) => `${verb} ${resource}${group === '' ? '' : `.${group}`}`),
    );
    return [...new Set(rules)];
  }

  const usedBy = (user: string): readonly string[] => [
    ...new Set(
      cluster.requests
        .filter((request) => request.user === user && request.resource !== '')
        .map(({ verb, group, resource, subresource }) => {
          const of = subresource === '' ? resource : `${resource}/${subresource}`;
          return `${verb} ${of}${group === '' ? '' : `.${group}`}`;
        }),
    ),
  ];

  const stateOf = ({ namespace, node }: Place): string =>
    JSON.stringify(
      kept
        .flatMap((resource) => cluster.list(resource))
        .filter((object) =>
          [textAt(object, 'metadata', 'namespace'), textAt(object, 'metadata', 'name')].some(
            (name) => name === namespace || name === node,
          ),
        ),
    );

  async function settled(own: Place): Promise<string> {
    let last = '';
    await until('nothing changes any more', () => {
      const [before, now] = [last, stateOf(own)];
      last = now;
      return before === now;
    });
    return last;
  }

  test('as a pod: by the service account, whose token is read again when it is changed', async () => {
    const { folder, environment } = cluster.serviceAccountFolder('default', 'hub');
    const token = join(folder, 'token');
    const right = readFileSync(token, 'utf8');
    writeFileSync(token, 'of yesterday');
    const kube = await openKube({ kubeconfig: '', environment, folder });
    opened.push(kube);
    const look = (): Promise<unknown> =>
      kube.port.get(
        {
          kind: { apiVersion: 'v1', kind: 'Pod', resource: 'pods', isNamespaced: true },
          ...{ namespace: 'default', name: 'none' },
        },
        AbortSignal.timeout(LIMIT_MS),
      );
    await expect(look()).rejects.toMatchObject({ status: 401 });
    writeFileSync(token, `${right}\n`);
    await expect(look()).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('system:serviceaccount:default:hub'),
    });
  });

  describe.each(kubernetesActions.map((action) => [action.name, action] as const))('%s', (name, action) => {
    const sample = samples[name];
    const isCordoned = name === 'kubernetes:uncordon';
    const run = async (own: Place, ports: ActionPorts, isDryRun = false): Promise<RunResult> =>
      runAction(action, { ports, isDryRun, alert: alertFor(own), parameters: sample?.parameters?.(own) });

    test('what it needs is enough, and no more; it does the same when it is run dry, but changes nothing', async () => {
      const own = await place(isCordoned);
      const grants = grantsOf(action, sample?.parameters?.(own));
      allow(own, grants);
      const before = await settled(own);
      const execsBefore = execCount;
      expect(await run(own, await portsOf(own.user, true), true)).toMatchObject({ kind: 'done' });
      expect(await settled(own)).toBe(before);
      expect(execCount).toBe(execsBefore);
      const ports = await portsOf(own.user);
      const outcome = await run(own, ports);
      expect(outcome).toMatchObject({ kind: 'done' });
      if (outcome.kind === 'done' && outcome.undo !== undefined)
        expect(await undoOf(action, outcome, ports)).toMatchObject({ kind: 'done' });
      const used = usedBy(own.user);
      const unused = grants.filter((grant) => !used.includes(grant) && sample?.spare?.test(grant) !== true);
      expect(unused).toEqual([]);
      expect(used.filter((request) => !grants.includes(request))).toEqual([]);
    });

    test('without one of its permissions, it is refused, and says which', async () => {
      const own = await place(isCordoned);
      const { verb, resource, subresource } = sample?.decisive ?? {};
      const of = subresource === undefined ? resource : `${resource}/${subresource}`;
      const without = grantsOf(action, sample?.parameters?.(own)).filter((grant) => {
        const [grantVerb, place = ''] = grant.split(' ', 2);
        return place.split('.', 1)[0] !== of || (verb !== undefined && grantVerb !== verb);
      });
      allow(own, without);
      const before = await settled(own);
      const outcome = await run(own, await portsOf(own.user));
      expect(outcome).toMatchObject({
        kind: 'refused',
        reason: expect.stringMatching(`RBAC lacks .* on .${of}`),
      });
      // A node that was cordoned for it is given back, and has another version.
      if (name !== 'kubernetes:drain') expect(await settled(own)).toBe(before);
    });

    test('a server that cannot just now is asked again, and one that breaks the connection where that is safe', async () => {
      const own = await place(isCordoned);
      const match = { ...sample?.decisive, user: 'admin' };
      const ports = await portsOf('admin');
      const isOfMany = name === 'kubernetes:drain';
      for (const code of isOfMany ? [] : [429, 500, 503]) {
        cluster.misbehave({ kind: 'answer', code, retryAfterS: 2 }, match);
        // The stand-in says to no stream how long to wait.
        const after = match.subresource === 'exec' ? {} : { afterMs: 2000 };
        expect(await run(own, ports)).toMatchObject({ kind: 'retry', ...after });
      }
      // The stand-in breaks streams before it carries anything out, which nobody can know.
      cluster.misbehave({ kind: match.subresource === 'exec' ? 'refuse' : 'drop' }, match);
      const first = await run(own, ports);
      cluster.behave();
      // Deletions of one object and what only reads are asked for again at once; of the pods of a node, each by itself.
      const isAgain = match.verb === 'delete' || match.subresource === 'log' || isOfMany;
      expect(first.kind).toBe(isAgain ? 'done' : 'unknown');
      if (!action.isRepeatable) return;
      expect((await run(own, ports)).kind).toMatch(/^(done|unchanged|gone)$/);
    });
  });
});
