/** Options that the commands on functions share, and what they mean. */

import type { FunctionsSetup } from '@peregrine/app/functions';
import type { Arguments, OptionDeclaration } from './arguments.ts';
import type { Terminal } from './terminal.ts';

export const functionOptions: readonly OptionDeclaration[] = [
  {
    name: 'handler',
    value: 'FILE.NAME',
    doc: 'For plain files: what is called, as in `delete-pod.delete_pod`.',
  },
  {
    name: 'namespace',
    short: 'n',
    value: 'NAME',
    doc: 'Of functions that name none; `default` unless given.',
  },
  {
    name: 'env',
    short: 'e',
    value: 'NAME[=VALUE]',
    doc: 'A variable for the functions; without a value, ours. Repeatable.',
  },
  {
    name: 'user',
    value: 'USER',
    doc: 'As root: run functions as that user, a name or a number; `nobody` unless given.',
  },
  {
    name: 'first-user',
    value: 'N',
    doc: 'As root: run each function as a user of its own, by numbers from this one on.',
  },
  { name: 'python', value: 'PATH', doc: 'The Python to use; otherwise those of the machine are tried.' },
  { name: 'kubeconfig', value: 'FILE', doc: 'Functions get a copy of it, and its place in `KUBECONFIG`.' },
  {
    name: 'install-deps',
    doc: 'Install what `deps` of manifests asks for, with pip or npm, into a folder of its own.',
  },
  { name: 'deps-folder', value: 'PATH', doc: 'Where those folders are kept, and used again.' },
  { name: 'timeout', value: 'SECONDS', doc: 'A call may take this long; 180 unless the manifest says.' },
  {
    name: 'memory',
    value: 'AMOUNT',
    doc: 'A call may take this much beyond the loaded function; 512Mi unless the manifest says.',
  },
];

export const NUMBERS = {
  port: { least: 0, most: 65_535 },
  timeout: { least: 0.001, most: 86_400 },
  concurrency: { least: 1, most: 1_000 },
  queue: { least: 0, most: 100_000 },
  'first-user': { least: 1, most: 4_294_000_000 },
} as const;

/** `undefined` when the user was told what is wrong. */
export async function functionsSetupOf(
  given: Arguments,
  paths: readonly string[],
  terminal: Terminal,
): Promise<FunctionsSetup | undefined> {
  const { defaultRuntimeLimits, isLabel, parseBytes } = await import('@peregrine/app/functions');
  const complaints: string[] = [];
  const numberOf = (name: keyof typeof NUMBERS): number | undefined => {
    const written = given.valueOf(name);
    const { least, most } = NUMBERS[name];
    if (written === undefined) return undefined;
    const value = Number(written);
    const isWhole = name === 'timeout' || Number.isInteger(value);
    if (written.trim() !== '' && isWhole && value >= least && value <= most) return value;
    complaints.push(`\`--${name} ${written}\` is not a number from ${least} to ${most}`);
    return undefined;
  };
  const memory = given.valueOf('memory');
  const memoryBytes = memory === undefined ? undefined : parseBytes(memory);
  if (memory !== undefined && (memoryBytes === undefined || memoryBytes < 16 * 2 ** 20))
    complaints.push(`\`--memory ${memory}\` is no amount of at least 16Mi`);
  const namespace = given.valueOf('namespace') ?? 'default';
  if (!isLabel(namespace)) complaints.push(`\`--namespace ${namespace}\` is no name of a namespace`);
  const timeoutS = numberOf('timeout');
  const firstUser = numberOf('first-user');
  const port = numberOf('port') ?? 8_080;
  const calls = numberOf('concurrency') ?? defaultRuntimeLimits.calls;
  const waiting = numberOf('queue') ?? defaultRuntimeLimits.waiting;
  for (const complaint of complaints) terminal.fail(complaint);
  if (complaints.length > 0) return undefined;
  return {
    request: {
      paths,
      namespace,
      handler: given.valueOf('handler'),
      environment: Object.fromEntries(given.valuesOf('env').flatMap(variableOf)),
    },
    user: given.valueOf('user'),
    firstUser,
    python: given.valueOf('python'),
    kubeconfig: given.valueOf('kubeconfig'),
    installsPackages: given.has('install-deps'),
    packagesFolder: given.valueOf('deps-folder'),
    timeoutMs: timeoutS === undefined ? undefined : timeoutS * 1_000,
    memoryBytes,
    limits: { calls, waiting },
    environment: process.env,
    port,
    log: (level, message) => {
      if (level === 'warning' || level === 'error') terminal.warn(message);
      else terminal.note(message);
    },
  };
}

/** One of ours that is not set is not passed on. */
function variableOf(written: string): readonly (readonly [string, string])[] {
  const at = written.indexOf('=');
  if (at >= 0) return [[written.slice(0, at), written.slice(at + 1)]];
  const value = process.env[written];
  return value === undefined ? [] : [[written, value]];
}

/** Reads the functions and tells what is wrong with them; `undefined` when they cannot be used. */
export async function readFunctionsOrTell(setup: FunctionsSetup, terminal: Terminal) {
  const [{ readSetFunctions }, { renderFindings }] = await Promise.all([
    import('@peregrine/app/functions'),
    import('@peregrine/app/findings'),
  ]);
  const { functions, diagnostics, sources, isUsable } = readSetFunctions(setup);
  const files = [...sources].map(([name, text]) => ({ name, text }));
  terminal.err(renderFindings(diagnostics, files, { isColourful: terminal.isColourful }));
  return isUsable ? functions : undefined;
}
