/** `peregrine functions run`. */

import type { Arguments } from '../arguments.ts';
import { type Command, exit } from '../command.ts';
import { functionOptions, functionsSetupOf, readFunctionsOrTell } from '../functions-options.ts';
import type { Terminal } from '../terminal.ts';

const MOST_BODY_BYTES = 6 * 2 ** 20;
const LOOPBACK = /^(?:127\.|::1$)/;
/** How long calls that run may take at the end. */
const GRACE_MS = 10_000;

export const functionsRun: Command = {
  name: 'functions run',
  usage: 'FILE... [options]',
  doc: `Serves functions over HTTP as Kubeless does, without Kubeless: Python on the machine's own Python, JavaScript and
TypeScript on this program's Node. A file is a manifest with objects of kind Function, a folder of those, or plain code. A
function answers under the host \`NAME.NAMESPACE.svc.cluster.local\`, under the path \`/function/NAMESPACE/NAME/\`, and under any
path if it is the only one. Each call is written to standard output, and what functions print to standard error.`,
  options: [
    {
      name: 'port',
      short: 'p',
      value: 'N',
      doc: 'Port to listen on; 8080 unless given, 0 for any that is free.',
    },
    { name: 'address', value: 'ADDRESS', doc: 'Address to listen on; 127.0.0.1 unless given.' },
    { name: 'certificate', value: 'FILE', doc: 'Certificate and key, both as PEM: HTTPS instead of HTTP.' },
    ...functionOptions,
    { name: 'concurrency', value: 'N', doc: 'Calls of a function that run at a time; 4 unless given.' },
    {
      name: 'queue',
      value: 'N',
      doc: 'Calls of a function that may wait; 100 unless given. The answer to more is 429.',
    },
  ],
  examples: [
    { line: 'functions run delete-pod.yaml', doc: 'The functions of a manifest, on 127.0.0.1, port 8080.' },
    {
      line: 'functions run delete-pod.py --handler delete-pod.delete_pod',
      doc: 'A function in a file of its own.',
    },
    {
      line: 'functions run functions.d --address 0.0.0.0',
      doc: 'All manifests of a folder, for the whole network.',
    },
  ],
  operands: 'some',
  run,
};

async function run(given: Arguments, terminal: Terminal): Promise<number> {
  const setup = await functionsSetupOf(given, given.operands, terminal);
  if (setup === undefined) return exit.usage;
  const functions = await readFunctionsOrTell(setup, terminal);
  if (functions === undefined) return exit.failed;
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());

  const { openFunctions, serveFunctions } = await import('@peregrine/app/functions');
  const address = given.valueOf('address') ?? '127.0.0.1';
  const stopped = new Promise<undefined>((resolve) =>
    stop.signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  const runtime = await Promise.race([openFunctions(functions, setup), stopped]);
  // What was being started ends with this program.
  if (runtime === undefined) return exit.ok;
  try {
    const server = await serveFunctions({
      runtime,
      address,
      port: setup.port,
      certificate: given.valueOf('certificate'),
      mostBodyBytes: MOST_BODY_BYTES,
      onAccess: (line) => terminal.out(`${line}\n`),
      onTrouble: (text) => terminal.fail(text, 'this is a bug in this program'),
    });
    for (const { name, namespace, version } of runtime.functions())
      terminal.note(`serving ${namespace}/${name} (${version})`);
    terminal.note(`listening on ${server.url}`);
    if (!LOOPBACK.test(address)) terminal.warn(`whoever reaches ${address} can call these functions`);
    await stopped;
    await server.close(GRACE_MS);
  } finally {
    await runtime.close();
  }
  return exit.ok;
}
