/** Files and folders to functions: manifests with any number of documents, lists, and plain files of code. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { type ConfigNode, type Diagnostic, type MapNode, missingKey } from '@peregrine/base';
import {
  badHandler,
  badName,
  declaredTwice,
  handlerMissing,
  unknownEnding,
  unreadableManifest,
} from '../diagnostics.ts';
import { defaultLimits, type FunctionSpec, fullNameOf } from '../function-spec.ts';
import { checkFunction, isLabel, partsOfHandler } from './check-function.ts';
import { readDocuments } from './read-documents.ts';
import { languageOfFile } from './runtimes.ts';

export interface FunctionsRequest {
  /** Files and folders. */
  readonly paths: readonly string[];
  /** Of functions that name none. */
  readonly namespace: string;
  /** For plain files: `delete-pod.delete_pod`. */
  readonly handler: string | undefined;
  /** Variables that all functions get, before those of their manifests. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface ReadFunctions {
  readonly functions: readonly FunctionSpec[];
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of the files, by name. */
  readonly sources: ReadonlyMap<string, string>;
}

const manifestEndings = ['.yaml', '.yml', '.json'];
const MOST_FILE_BYTES = 16 * 2 ** 20;

/** Errors of all files at once; with an error there may still be functions, which are not to be used. */
export function readFunctions(request: FunctionsRequest): ReadFunctions {
  const diagnostics: Diagnostic[] = [];
  const sources = new Map<string, string>();
  const functions = new Map<string, FunctionSpec>();
  const report = (diagnostic: Diagnostic): void => {
    diagnostics.push(diagnostic);
  };
  const add = (spec: FunctionSpec, place: { readonly span?: Diagnostic['span'] }): void => {
    const other = functions.get(fullNameOf(spec));
    if (other === undefined) functions.set(fullNameOf(spec), spec);
    else report(declaredTwice.at(place, fullNameOf(spec), other.file));
  };
  for (const file of request.paths.flatMap((path) => filesAt(path, report))) {
    const isManifest = manifestEndings.includes(extname(file));
    if (!isManifest && languageOfFile(file) === undefined) {
      report(unknownEnding.at({}, file));
      continue;
    }
    const text = readText(file, report);
    if (text === undefined) continue;
    sources.set(file, text);
    if (isManifest) {
      for (const { spec, root } of functionsIn(file, text, request, report)) add(spec, { span: root.span });
      continue;
    }
    const spec = plainFunction(file, request, report);
    if (spec !== undefined) add(spec, {});
  }
  return { functions: [...functions.values()], diagnostics, sources };
}

/** The functions of one manifest's text; objects of other kinds are passed over. */
export function functionsIn(
  file: string,
  text: string,
  { namespace, environment }: Pick<FunctionsRequest, 'namespace' | 'environment'>,
  report: (diagnostic: Diagnostic) => void,
): readonly { readonly spec: FunctionSpec; readonly root: MapNode }[] {
  const read = readDocuments(file, text);
  for (const diagnostic of read.diagnostics) report(diagnostic);
  return read.documents.flatMap(objectsIn).flatMap((root) => {
    const kind = root.entries.get('kind');
    if (kind === undefined) report(missingKey.at({ span: root.span }, 'kind'));
    if (kind?.kind !== 'scalar' || kind.text !== 'Function') return [];
    const spec = checkFunction(root, { file, namespace, environment, report });
    return spec === undefined ? [] : [{ spec, root }];
  });
}

/** Lists may hold lists. */
function objectsIn(node: ConfigNode): readonly MapNode[] {
  if (node.kind === 'list') return node.items.flatMap(objectsIn);
  if (node.kind !== 'map') return [];
  const kind = node.entries.get('kind');
  const items = node.entries.get('items');
  const isList = kind?.kind === 'scalar' && kind.text.endsWith('List');
  return isList && items?.kind === 'list' ? items.items.flatMap(objectsIn) : [node];
}

function filesAt(path: string, report: (diagnostic: Diagnostic) => void): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && manifestEndings.includes(extname(entry.name)))
      .map((entry) => join(path, entry.name))
      .sort();
  } catch (error) {
    report(unreadableManifest.at({}, path, reasonOf(error)));
    return [];
  }
}

function readText(file: string, report: (diagnostic: Diagnostic) => void): string | undefined {
  try {
    const { size } = statSync(file);
    if (size > MOST_FILE_BYTES) throw new Error(`it has ${size} bytes, and the limit is ${MOST_FILE_BYTES}`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    report(unreadableManifest.at({}, file, reasonOf(error)));
    return undefined;
  }
}

function plainFunction(
  file: string,
  { handler, namespace, environment }: FunctionsRequest,
  report: (diagnostic: Diagnostic) => void,
): FunctionSpec | undefined {
  const language = languageOfFile(file);
  const moduleName = basename(file, extname(file));
  // The usual export of a JavaScript module needs no telling.
  const asked = handler ?? (language === 'python' ? undefined : `${moduleName}.handler`);
  if (language === undefined) return undefined;
  if (asked === undefined) {
    report(handlerMissing.at({}, file));
    return undefined;
  }
  const parts = partsOfHandler(asked);
  const name = moduleName.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-');
  if (parts === undefined || parts.moduleName !== moduleName) report(badHandler.at({}, asked));
  else if (!isLabel(name)) report(badName.at({}, file, name));
  else
    return {
      name,
      namespace,
      language,
      runtime: language,
      handler: asked,
      ...parts,
      code: { kind: 'file', path: resolve(file) },
      dependencies: '',
      environment,
      timeoutMs: defaultLimits.timeoutMs,
      memoryBytes: defaultLimits.memoryBytes,
      serviceAccount: undefined,
      runAsUser: undefined,
      file,
    };
  return undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
