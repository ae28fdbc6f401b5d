/** Starts a process of a function: makes its folder, chooses what it is told, and what it may use. */

import type { FunctionSpec } from '../function-spec.ts';
import { contextFor, environmentFor } from './environment.ts';
import { createFolder } from './folder.ts';
import { FunctionProcess, type ProcessOptions } from './function-process.ts';
import type { Account, ProcessLimits } from './messages.ts';
import type { Enclosure } from './supervision.ts';
import { countTasks } from './task-count.ts';

export interface LaunchOptions {
  readonly spec: FunctionSpec;
  /** `undefined`: whoever we are. */
  readonly account: Account | undefined;
  readonly enclosure: Enclosure;
  /** Folder with installed packages. */
  readonly packages: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly port: number;
  readonly mostAnswerBytes: number;
  /** Threads and processes of the function. */
  readonly mostTasks: number;
}

const OPEN_FILES = 1_024;
const FILE_BYTES = 64 * 2 ** 20;
/** The engine's own threads. */
const ENGINE_TASKS = 16;

/** Throws when the machine has no room for it: the disk is full, descriptors run out. */
export function launchFunction(
  options: LaunchOptions,
  how: Pick<ProcessOptions, 'command' | 'onLine' | 'onEnd'>,
): FunctionProcess {
  const { spec, account, enclosure, packages, kubeconfig, environment, port } = options;
  const isPython = spec.language === 'python';
  const folder = createFolder({ spec, account, packages, kubeconfig });
  return new FunctionProcess({
    ...how,
    enclosure,
    folder: folder.path,
    start: {
      kind: 'start',
      account: enclosure.account === undefined ? (account ?? null) : null,
      limits: limitsFor(options),
      code: folder.code,
      moduleName: spec.moduleName,
      exportName: spec.exportName,
      home: folder.home,
      environment: environmentFor(spec, {
        environment,
        home: folder.home,
        kubeconfig: folder.kubeconfig,
        port,
      }),
      searchPaths: packages !== undefined && isPython ? [packages] : [],
      requirements: isPython ? spec.dependencies : '',
      context: contextFor(spec),
    },
  });
}

function limitsFor({ spec, account, enclosure, mostAnswerBytes, mostTasks }: LaunchOptions): ProcessLimits {
  const others = enclosure.countsAlone ? 0 : countTasks(account?.uid ?? process.getuid?.() ?? 0);
  return {
    memoryBytes: spec.memoryBytes,
    tasks: others + mostTasks + (spec.language === 'python' ? 0 : ENGINE_TASKS),
    openFiles: OPEN_FILES,
    fileBytes: FILE_BYTES,
    answerBytes: mostAnswerBytes,
  };
}
