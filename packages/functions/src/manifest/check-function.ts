/** One `Function` object of a manifest to a checked function; whatever is wrong with it is told at once. */

import {
  type ConfigNode,
  type Diagnostic,
  type MapNode,
  missingKey,
  nameOfKind,
  nearestName,
  unknownKey,
  wrongType,
} from '@peregrine/base';
import {
  badBase64,
  badContentType,
  badHandler,
  badName,
  badQuantity,
  badRuntime,
  valueFromElsewhere,
  wrongVersion,
} from '../diagnostics.ts';
import { defaultLimits, type FunctionSpec } from '../function-spec.ts';
import { parseBytes } from './quantity.ts';
import { languageOfRuntime } from './runtimes.ts';

export interface CheckContext {
  readonly file: string;
  /** Of functions that name none. */
  readonly namespace: string;
  /** Variables that are given from outside, and win. */
  readonly environment: Readonly<Record<string, string>>;
  readonly report: (diagnostic: Diagnostic) => void;
}

const LEAST_MEMORY_BYTES = 16 * 2 ** 20;
const LONGEST_TIMEOUT_S = 86_400;
/** What else a cluster keeps in there. */
const ignoredKeys = ['checksum', 'service', 'horizontalPodAutoscaler'];
const usedKeys = ['handler', 'function', 'function-content-type', 'runtime', 'deps', 'timeout', 'deployment'];

/** `undefined` when it cannot be used. */
export function checkFunction(root: MapNode, context: CheckContext): FunctionSpec | undefined {
  let isGood = true;
  const report = (diagnostic: Diagnostic): void => {
    if (diagnostic.severity === 'error') isGood = false;
    context.report(diagnostic);
  };
  const at = new Reader(root, report);
  const version = at.text('apiVersion') ?? '';
  if (version !== '' && !/^kubeless\.io\/v1beta\d+$/.test(version))
    report(wrongVersion.at(at.place('apiVersion'), version));
  const nameFrom = (path: string, fallback: string | undefined): string => {
    const found = at.text(path) ?? fallback;
    if (found === undefined) report(missingKey.at(at.place(path), path));
    else if (!isLabel(found)) report(badName.at(at.place(path), path, found));
    return found ?? '';
  };
  const name = nameFrom('metadata.name', undefined);
  const namespace = nameFrom('metadata.namespace', context.namespace);

  for (const [key, node] of at.map('spec')?.entries ?? []) {
    if (usedKeys.includes(key) || ignoredKeys.includes(key)) continue;
    const nearest = nearestName(key, usedKeys);
    report({ ...unknownKey.at({ span: node.span }, `spec.${key}`, nearest), severity: 'warning' });
  }
  const runtime = at.required('spec.runtime');
  const language = runtime === '' ? undefined : languageOfRuntime(runtime);
  if (runtime !== '' && language === undefined) report(badRuntime.at(at.place('spec.runtime'), runtime));
  const handler = at.required('spec.handler');
  const parts = handler === '' ? undefined : partsOfHandler(handler);
  if (handler !== '' && parts === undefined) report(badHandler.at(at.place('spec.handler'), handler));
  const text = codeOf(at, report);

  const pod = 'spec.deployment.spec.template.spec';
  const memory = at.quantity(`${pod}.containers.0.resources.limits.memory`, (written) => {
    const bytes = parseBytes(written);
    return bytes === undefined || bytes < LEAST_MEMORY_BYTES ? undefined : bytes;
  });
  const timeoutS = at.quantity('spec.timeout', (written) => {
    const seconds = /^\d+(?:\.\d+)?$/.test(written) ? Number(written) : 0;
    return seconds > 0 && seconds <= LONGEST_TIMEOUT_S ? seconds : undefined;
  });
  const environment = environmentOf(at, `${pod}.containers.0.env`, context, report);
  const runAsUser = Number(
    at.text(`${pod}.containers.0.securityContext.runAsUser`) ?? at.text(`${pod}.securityContext.runAsUser`),
  );
  if (!isGood || language === undefined || parts === undefined || text === undefined) return undefined;
  return {
    name,
    namespace,
    language,
    runtime,
    handler,
    ...parts,
    code: { kind: 'text', text },
    dependencies: at.text('spec.deps') ?? '',
    environment,
    timeoutMs: timeoutS === undefined ? defaultLimits.timeoutMs : timeoutS * 1_000,
    memoryBytes: memory ?? defaultLimits.memoryBytes,
    serviceAccount: at.text(`${pod}.serviceAccountName`),
    runAsUser: Number.isSafeInteger(runAsUser) && runAsUser >= 0 ? runAsUser : undefined,
    file: context.file,
  };
}

/** `delete-pod.delete_pod`: the last dot parts file and function. `undefined` for what is neither. */
export function partsOfHandler(handler: string): Pick<FunctionSpec, 'moduleName' | 'exportName'> | undefined {
  const [, moduleName, exportName] = /^([\w-]+(?:\.[\w-]+)*)\.([A-Za-z_$][\w$]*)$/.exec(handler) ?? [];
  return moduleName === undefined || exportName === undefined || moduleName.length > 128
    ? undefined
    : { moduleName, exportName };
}

/** The kind of name that is part of a host name. */
export function isLabel(text: string): boolean {
  return /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(text);
}

function codeOf(at: Reader, report: (diagnostic: Diagnostic) => void): string | undefined {
  const type = at.text('spec.function-content-type') ?? 'text';
  if (type !== 'text' && type !== 'base64') {
    report(badContentType.at(at.place('spec.function-content-type'), type));
    return undefined;
  }
  const written = at.required('spec.function');
  if (type === 'text' || written === '') return written;
  const bare = written.replace(/\s+/g, '');
  const bytes = Buffer.from(bare, 'base64');
  try {
    if (/^[A-Za-z0-9+/]*={0,2}$/.test(bare) && bare.length % 4 === 0)
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Bytes that are no text; told below.
  }
  report(badBase64.at(at.place('spec.function')));
  return undefined;
}

function environmentOf(
  at: Reader,
  path: string,
  { environment: given }: CheckContext,
  report: (diagnostic: Diagnostic) => void,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [i] of (at.list(path)?.items ?? []).entries()) {
    const name = at.required(`${path}.${i}.name`);
    if (name === '' || Object.hasOwn(given, name)) continue;
    if (at.node(`${path}.${i}.valueFrom`) !== undefined)
      report(valueFromElsewhere.at(at.place(`${path}.${i}`), name));
    else found[name] = at.text(`${path}.${i}.value`) ?? '';
  }
  return { ...found, ...given };
}

/** Reads values at paths such as `spec.containers.0.name`, and tells of those that are of another kind. */
class Reader {
  readonly #root: MapNode;
  readonly #report: (diagnostic: Diagnostic) => void;

  constructor(root: MapNode, report: (diagnostic: Diagnostic) => void) {
    this.#root = root;
    this.#report = report;
  }

  /** `undefined` for what is absent, or null. */
  node(path: string): ConfigNode | undefined {
    let node: ConfigNode | undefined = this.#root;
    for (const step of path.split('.')) {
      if (node?.kind === 'map') node = node.entries.get(step);
      else node = node?.kind === 'list' ? node.items[Number(step)] : undefined;
    }
    return node?.kind === 'scalar' && node.isNull ? undefined : node;
  }

  /** Where a finding on a path is told: at what is there, or else at what it would be in. */
  place(path: string): Pick<ConfigNode, 'span'> {
    const steps = path.split('.');
    for (let count = steps.length; count > 0; count--) {
      const node = this.node(steps.slice(0, count).join('.'));
      if (node !== undefined) return { span: node.span };
    }
    return { span: this.#root.span };
  }

  text(path: string): string | undefined {
    const node = this.node(path);
    if (node === undefined || node.kind === 'scalar') return node?.text;
    return this.#mistyped(node, path, 'text');
  }

  required(path: string): string {
    const node = this.node(path);
    if (node === undefined) this.#report(missingKey.at(this.place(path), path));
    return node === undefined ? '' : (this.text(path) ?? '');
  }

  map(path: string): MapNode | undefined {
    const node = this.node(path);
    if (node === undefined || node.kind === 'map') return node;
    return this.#mistyped(node, path, 'a map of keys');
  }

  list(path: string): Extract<ConfigNode, { kind: 'list' }> | undefined {
    const node = this.node(path);
    if (node === undefined || node.kind === 'list') return node;
    return this.#mistyped(node, path, 'a list');
  }

  quantity(path: string, parse: (written: string) => number | undefined): number | undefined {
    const written = this.text(path);
    if (written === undefined) return undefined;
    const value = parse(written.trim());
    if (value === undefined) this.#report(badQuantity.at(this.place(path), path, written));
    return value;
  }

  #mistyped(node: ConfigNode, path: string, wanted: string): undefined {
    this.#report(wrongType.at({ span: node.span }, path, wanted, nameOfKind(node)));
  }
}
