/** What a function finds in its environment: nothing of ours but what it needs to reach the cluster. */

import type { FunctionSpec } from '../function-spec.ts';
import { SYSTEM_PATH } from './supervision.ts';

/** Where the cluster's API server is; the official clients ask for these. */
const passedOn = [
  'KUBERNETES_SERVICE_HOST',
  'KUBERNETES_SERVICE_PORT',
  'KUBERNETES_SERVICE_PORT_HTTPS',
  'TZ',
];

export interface Surroundings {
  /** Our own environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The function's folder. */
  readonly home: string;
  /** A copy of a kubeconfig file that the function may read. */
  readonly kubeconfig: string | undefined;
  readonly port: number;
}

/** COMPAT: `FUNC_*` and `MOD_NAME` are what Kubeless' runtimes are told. */
export function environmentFor(spec: FunctionSpec, around: Surroundings): Readonly<Record<string, string>> {
  const kept = passedOn.flatMap((name) => {
    const value = around.environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    PATH: SYSTEM_PATH,
    LANG: 'C.UTF-8',
    ...Object.fromEntries(kept),
    ...(around.kubeconfig === undefined ? {} : { KUBECONFIG: around.kubeconfig }),
    MOD_NAME: spec.moduleName,
    FUNC_HANDLER: spec.exportName,
    FUNC_RUNTIME: spec.runtime,
    FUNC_TIMEOUT: String(spec.timeoutMs / 1_000),
    FUNC_MEMORY_LIMIT: String(spec.memoryBytes),
    FUNC_PORT: String(around.port),
    ...spec.environment,
    HOME: around.home,
    TMPDIR: around.home,
  };
}

export function contextFor(spec: FunctionSpec): Readonly<Record<string, string | number>> {
  return {
    'function-name': spec.exportName,
    timeout: spec.timeoutMs / 1_000,
    runtime: spec.runtime,
    'memory-limit': String(spec.memoryBytes),
  };
}
