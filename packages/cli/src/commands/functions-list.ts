/** `peregrine functions list`. */

import type { FunctionStatus } from '@peregrine/app/functions';
import { Fault } from '@peregrine/base';
import { type Command, exit } from '../command.ts';
import { functionOptions, functionsSetupOf, readFunctionsOrTell } from '../functions-options.ts';

export const URL_OPTION = {
  name: 'url',
  value: 'URL',
  doc: 'Where functions are served; http://127.0.0.1:8080 unless given.',
};
const LIMIT_MS = 30_000;

export const functionsList: Command = {
  name: 'functions list',
  usage: '[FILE...] [options]',
  doc: 'Lists functions: those of files, or without files those that `functions run` serves. Ends with status 1 if one of those cannot be called.',
  options: [
    URL_OPTION,
    ...functionOptions.filter(({ name }) => name === 'namespace' || name === 'handler' || name === 'env'),
    { name: 'json', doc: 'As JSON.' },
  ],
  examples: [
    { line: 'functions list', doc: 'What is served now, and whether it can be called.' },
    { line: 'functions list delete-pod.yaml --json', doc: 'What a manifest holds, for a program.' },
  ],
  operands: 'any',
  run: async (given, terminal) => {
    if (given.operands.length === 0) {
      const functions = await askForFunctions(given.valueOf('url'));
      if (given.has('json')) terminal.out(`${JSON.stringify(functions)}\n`);
      else
        for (const { namespace, name, runtime, handler, version, running, waiting, trouble } of functions) {
          const state =
            trouble === undefined ? `${running} running, ${waiting} waiting` : `cannot be called: ${trouble}`;
          terminal.out(`${namespace}/${name}  ${handler}  ${runtime} (${version})  ${state}\n`);
        }
      return functions.every(({ trouble }) => trouble === undefined) ? exit.ok : exit.failed;
    }
    const setup = await functionsSetupOf(given, given.operands, terminal);
    if (setup === undefined) return exit.usage;
    const functions = await readFunctionsOrTell(setup, terminal);
    if (functions === undefined) return exit.failed;
    if (given.has('json')) {
      const shown = functions.map(({ code: _, environment, ...spec }) => ({
        ...spec,
        // Values may be secret.
        environment: Object.keys(environment),
      }));
      terminal.out(`${JSON.stringify(shown)}\n`);
    } else
      for (const { namespace, name, handler, runtime, timeoutMs, memoryBytes } of functions)
        terminal.out(
          `${namespace}/${name}  ${handler}  ${runtime}  ${timeoutMs / 1_000} s  ${Math.round(memoryBytes / 2 ** 20)} MiB\n`,
        );
    return exit.ok;
  },
};

/** What is served at an address. Throws a `Fault` when nothing answers there. */
export async function askForFunctions(given: string | undefined): Promise<readonly FunctionStatus[]> {
  const url = serverUrl(given);
  try {
    const response = await fetch(new URL('/function', url), { signal: AbortSignal.timeout(LIMIT_MS) });
    if (response.status === 200) return (await response.json()) as readonly FunctionStatus[]; // Of this version.
    throw new Error(`it answers with status ${response.status}`);
  } catch (cause) {
    throw notThere(url, cause);
  }
}

export function serverUrl(given: string | undefined): string {
  const url = given ?? 'http://127.0.0.1:8080';
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return url;
  throw new Fault('functions-url', `\`${url}\` is not an http or https address`);
}

export function notThere(url: string, cause: unknown): Fault {
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
  return new Fault('functions-not-served', `no functions are served at ${url}: ${reason}`, {
    cause,
    hint: 'start `functions run`, or say where they are with `--url`',
  });
}
