/** From what the operator asks for to functions that can be called: files read and checked, users chosen, processes up. */

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Fault } from '@peregrine/base';
import {
  FunctionRuntime,
  type FunctionSpec,
  type FunctionsRequest,
  type ReadFunctions,
  type RuntimeLimits,
  readFunctions,
} from '@peregrine/functions';
import type { Log } from '../log.ts';
import { readAccountFiles } from '../privileges/accounts.ts';
import { accessNotes } from './cluster-access.ts';
import { accountFor } from './function-accounts.ts';

export interface FunctionsSetup {
  readonly request: FunctionsRequest;
  /** User to run functions as. */
  readonly user: string | undefined;
  /** User id of the first function; each other one has the next. */
  readonly firstUser: number | undefined;
  readonly python: string | undefined;
  readonly kubeconfig: string | undefined;
  /** Whether packages that functions ask for are installed. */
  readonly installsPackages: boolean;
  /** Where to; a folder for caches unless stated. */
  readonly packagesFolder: string | undefined;
  /** In place of what manifests say. */
  readonly timeoutMs: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly limits: Partial<RuntimeLimits>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly port: number;
  readonly log: Log;
}

/** The functions of a set-up; `undefined` beside findings when they cannot be used. */
export function readSetFunctions(setup: FunctionsSetup): ReadFunctions & { readonly isUsable: boolean } {
  const read = readFunctions(setup.request);
  const isUsable = read.diagnostics.every(({ severity }) => severity !== 'error');
  if (isUsable && read.functions.length === 0)
    throw new Fault('functions-none', `there is no function in ${setup.request.paths.join(', ')}`, {
      hint: 'a manifest holds an object with `kind: Function`',
    });
  const functions = read.functions.map((spec) => ({
    ...spec,
    timeoutMs: setup.timeoutMs ?? spec.timeoutMs,
    memoryBytes: setup.memoryBytes ?? spec.memoryBytes,
  }));
  return { ...read, functions, isUsable };
}

/** Resolves when all of them are ready. Throws a `Fault` that says what is wrong with all that are not. */
export function openFunctions(
  functions: readonly FunctionSpec[],
  setup: FunctionsSetup,
): Promise<FunctionRuntime> {
  const { environment, python, kubeconfig, limits, port, log } = setup;
  const warn = (message: string): void => log('warning', message);
  const { user, firstUser } = setup;
  const request = { uid: process.getuid?.() ?? 0, user, firstUser, files: readAccountFiles(), warn };
  const accounts = new Map(functions.map((spec, index) => [spec, accountFor(spec, { ...request, index })]));
  for (const [spec, account] of accounts) for (const note of accessNotes(spec, account)) warn(note);
  return FunctionRuntime.open({
    functions,
    accountOf: (spec) => accounts.get(spec),
    environment,
    python,
    kubeconfig,
    packagesFolder: setup.installsPackages
      ? resolve(setup.packagesFolder ?? usualFolder(environment))
      : undefined,
    port,
    limits,
    log,
  });
}

function usualFolder(environment: Readonly<Record<string, string | undefined>>): string {
  if (process.getuid?.() === 0) return '/var/cache/peregrine/functions';
  return join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'peregrine', 'functions');
}
