/**
 * A Kubernetes cluster for tests: an API server that speaks as real ones do to the official client and to kubectl, with
 * RBAC, watches, commands in containers, controllers and an audit log. Nothing runs in its pods unless the test brings a
 * runtime that does it.
 *
 * ```ts
 * const cluster = await openCluster({ nodes: ['n1'], exec: () => 0 });
 * const { file } = cluster.kubeconfigFor('admin');
 * ...
 * await cluster.close();
 * ```
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateObstacle, createCertificates } from '../../packages/outputs/testing/certificates.ts';
import { builtInBindings, builtInRoles } from './access/built-in-roles.ts';
import { MASTERS, Users } from './access/users.ts';
import { documentAt, type JsonDocument, textAt } from './document.ts';
import {
  type Kubeconfig,
  type ServiceAccountFiles,
  writeKubeconfig,
  writeServiceAccountFiles,
} from './kubeconfig.ts';
import { ObjectApi } from './objects/object-api.ts';
import { ObjectStore, renderTime } from './objects/object-store.ts';
import {
  apiVersionOf,
  clusterRoleBindings,
  clusterRoles,
  namespaces,
  nodes,
  pods,
  type ResourceType,
  resourceTypes,
  serviceAccounts,
} from './objects/resource-types.ts';
import { Controllers } from './pods/controllers.ts';
import { Kubelet } from './pods/kubelet.ts';
import { PlainRuntime, type PlainRuntimeOptions } from './pods/plain-runtime.ts';
import type { ContainerPlace, PodRuntime } from './pods/pod-runtime.ts';
import { type AskedRequest, startApiServer } from './server/api-server.ts';
import { AuditLog, type AuditOptions } from './server/audit.ts';
import { Faults, type Misbehaviour, type RequestMatch } from './server/faults.ts';
import type { ServiceAnswer, ServiceRequest } from './server/service-proxy.ts';
import type { Watch } from './server/watch.ts';

export type { JsonDocument } from './document.ts';
export type { Kubeconfig, ServiceAccountFiles } from './kubeconfig.ts';
export type { ContainerPlace, ContainerStart, ExecCall, PodRuntime } from './pods/pod-runtime.ts';
export type { AskedRequest } from './server/api-server.ts';
export type { AuditOptions } from './server/audit.ts';
export type { Misbehaviour, RequestMatch } from './server/faults.ts';
export type { ServiceAnswer, ServiceRequest } from './server/service-proxy.ts';

export interface ClusterOptions extends PlainRuntimeOptions {
  /** Names. Unless set, `node-1`. */
  readonly nodes?: readonly string[];
  /** Beside `default` and `kube-system`. */
  readonly namespaces?: readonly string[];
  /** Where audit events go. Unless set, nowhere. */
  readonly audit?: AuditOptions;
  /** What runs containers. Unless set, nothing does, and `exec`, `stop` and `log` say what would come of it. */
  readonly runtime?: PodRuntime;
}

export interface Cluster {
  /** `https://127.0.0.1:port`. */
  readonly url: string;
  /** PEM of the authority that the server's certificate is from. */
  readonly authority: string;
  /** What was asked so far, oldest first; a test may empty it. Controllers and kubelets do not ask. */
  readonly requests: AskedRequest[];
  /** `admin` may do everything (`system:masters`); others what roles give them. Groups count at the first call. */
  kubeconfigFor(user: string, groups?: readonly string[]): Kubeconfig;
  /** The bearer token of that user. */
  tokenFor(user: string, groups?: readonly string[]): string;
  /** Makes the account if it is not there, and writes what its pods would have. */
  serviceAccountFolder(namespace: string, name: string): ServiceAccountFiles;
  /** Stores objects of any kind without asking anybody, over those that are there. Namespaces must be there. */
  put(...objects: readonly JsonDocument[]): void;
  /** An object as it is now: `get('pods', 'default', 'web')`, `get('deployments', ...)`. An empty namespace for none. */
  get(resource: string, namespace: string, name: string): JsonDocument | undefined;
  /** An empty namespace: all. */
  list(resource: string, namespace?: string): readonly JsonDocument[];
  /** The next `times` requests (unless set, 1) like these meet this. */
  misbehave(how: Misbehaviour, match?: RequestMatch, times?: number): void;
  /** All that was asked for by `misbehave` and not met yet is forgotten. */
  behave(): void;
  /** Breaks the connections of watches, of one resource or of all. Gives how many. */
  cutWatches(resource?: string): number;
  /** Forgets what happened: watches and lists that go on from before are answered with 410. */
  forgetHistory(): void;
  /** Answers what is sent to a service by the API server's proxy. The service must be there. */
  serve(
    namespace: string,
    service: string,
    handler: (request: ServiceRequest) => ServiceAnswer | Promise<ServiceAnswer>,
  ): void;
  /** A line that a container writes now. Only without `runtime`. */
  addLog(container: ContainerPlace, text: string): void;
  /** The main program of a container ends by itself. Only without `runtime`. */
  endContainer(container: ContainerPlace, exitCode: number): void;
  close(): Promise<void>;
}

/** Why there can be none here; part of a skipped test's name. */
export function clusterObstacle(): string | undefined {
  return certificateObstacle();
}

export async function openCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-cluster-'));
  const certificates = createCertificates();
  const [authority, cert, key] = [
    certificates.authority,
    certificates.server.cert,
    certificates.server.key,
  ].map((file) => readFileSync(file, 'utf8'));
  certificates.remove();
  if (authority === undefined || cert === undefined || key === undefined)
    throw new Error('there is no certificate');
  const store = new ObjectStore();
  const api = new ObjectApi(store);
  fill(api, options);
  const plain = new PlainRuntime(options);
  const runtime = options.runtime ?? plain;
  const [users, faults, audit] = [new Users(), new Faults(), new AuditLog(options.audit)];
  const services = new Map<string, (request: ServiceRequest) => ServiceAnswer | Promise<ServiceAnswer>>();
  const watches = new Set<Watch>();
  const requests: AskedRequest[] = [];
  const parts = { api, runtime, users, services, watches, audit, faults, requests };
  const server = await startApiServer(parts, { cert, key });
  const kubelet = new Kubelet(api, runtime);
  const controllers = new Controllers(api);
  const tokenFor = (user: string, groups: readonly string[] = []): string =>
    users.tokenOf(user, user === 'admin' ? [MASTERS, ...groups] : groups);
  return {
    url: server.url,
    authority,
    requests,
    tokenFor,
    kubeconfigFor: (user, groups) =>
      writeKubeconfig(folder, user, { url: server.url, authority, token: tokenFor(user, groups) }),
    serviceAccountFolder: (namespace, name) => {
      if (store.get(serviceAccounts, namespace, name) === undefined) {
        api.create(serviceAccounts, namespace, { metadata: { name } });
      }
      const token = users.serviceAccountToken(namespace, name);
      return writeServiceAccountFiles(folder, { namespace, name }, { url: server.url, authority, token });
    },
    put: (...objects) => {
      for (const object of objects) putObject(api, object);
    },
    get: (resource, namespace, name) => store.get(typeNamed(resource), namespace, name),
    list: (resource, namespace) => store.list(typeNamed(resource), namespace),
    misbehave: (how, match = {}, times = 1) => faults.add({ how, match, times }),
    behave: () => faults.clear(),
    cutWatches: (resource) => {
      const cut = [...watches].filter(({ type }) => resource === undefined || type.resource === resource);
      for (const watch of cut) watch.cut();
      return cut.length;
    },
    forgetHistory: () => store.forget(),
    serve: (namespace, service, handler) => services.set(`${namespace}/${service}`, handler),
    addLog: (container, text) => plain.addLog(container, text),
    endContainer: (container, exitCode) => plain.end(container, exitCode),
    close: async () => {
      kubelet.close();
      controllers.close();
      for (const watch of watches) watch.end();
      await server.close();
      await audit.close();
      await runtime.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function fill(api: ObjectApi, options: ClusterOptions): void {
  for (const name of ['default', 'kube-system', ...(options.namespaces ?? [])]) {
    api.create(namespaces, '', { metadata: { name } });
  }
  for (const role of builtInRoles) api.create(clusterRoles, '', role);
  for (const binding of builtInBindings) api.create(clusterRoleBindings, '', binding);
  for (const name of options.nodes ?? ['node-1']) api.create(nodes, '', nodeNamed(name));
}

function nodeNamed(name: string): JsonDocument {
  return {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
    spec: {},
    status: {
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          message: 'kubelet is posting ready status',
          lastHeartbeatTime: renderTime(Date.now()),
          lastTransitionTime: renderTime(Date.now()),
        },
      ],
      addresses: [
        { type: 'InternalIP', address: '127.0.0.1' },
        { type: 'Hostname', address: name },
      ],
      nodeInfo: {
        kubeletVersion: 'v1.35.0',
        osImage: 'Debian GNU/Linux',
        containerRuntimeVersion: 'containerd://2.1.0',
      },
    },
  };
}

/** The kinds of the core and of Kubernetes come before those of others that have the same name. */
function typeNamed(resource: string): ResourceType {
  const [name, ...group] = resource.split('.');
  const found = resourceTypes.find(
    (type) => type.resource === name && (group.length === 0 || type.group === group.join('.')),
  );
  if (found === undefined) throw new Error(`there is no resource \`${resource}\``);
  return found;
}

function putObject(api: ObjectApi, object: JsonDocument): void {
  const type = resourceTypes.find(
    (known) => known.kind === object.kind && apiVersionOf(known) === object.apiVersion,
  );
  if (type === undefined) throw new Error(`there is no kind \`${object.apiVersion} ${object.kind}\``);
  const name = textAt(object, 'metadata', 'name');
  const home = type.isNamespaced ? textAt(object, 'metadata', 'namespace') || 'default' : '';
  if (api.store.get(type, home, name) === undefined) {
    api.create(type, home, object);
    if (type !== pods || object.status === undefined) return;
  }
  const over = (now: JsonDocument): JsonDocument => ({
    ...now,
    ...object,
    metadata: { ...documentAt(now, 'metadata'), ...documentAt(object, 'metadata') },
  });
  api.modify({ type, namespace: home, name }, over, { part: 'all' });
}
