/** Which language a runtime's name stands for. */

import { extname } from 'node:path';
import { type Language, languageEndings, languages } from '../function-spec.ts';

const names: readonly (readonly [RegExp, Language])[] = [
  [/^python3?(?:\.\d+)?$/, 'python'],
  [/^python3\.\d+\.\d+$/, 'python'],
  [/^node(?:js)?(?:[\d.]+)?$/, 'javascript'],
  [/^javascript$/, 'javascript'],
  [/^typescript(?:[\d.]+)?$/, 'typescript'],
];

/** `undefined`: there is none. Versions of Python 2 are none. */
export function languageOfRuntime(runtime: string): Language | undefined {
  if (/^python2/.test(runtime)) return undefined;
  return names.find(([pattern]) => pattern.test(runtime))?.[1];
}

export function languageOfFile(path: string): Language | undefined {
  const ending = extname(path);
  return languages.find((language) => languageEndings[language].includes(ending));
}
