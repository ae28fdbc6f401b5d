/** Threads that start as fast as the program itself. */

import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';

/** A thread keeps compiled code between runs only if its environment says where. */
export function withCompiledCode(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  return folder === undefined ? environment : { ...environment, NODE_COMPILE_CACHE: dirname(folder) };
}
