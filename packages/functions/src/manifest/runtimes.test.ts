import { expect, test } from 'vitest';
import { languageOfFile, languageOfRuntime } from './runtimes.ts';

test.each([
  ['python3.7', 'python'],
  ['python3.11.2', 'python'],
  ['python3', 'python'],
  ['python', 'python'],
  ['nodejs6', 'javascript'],
  ['nodejs14', 'javascript'],
  ['nodejs_distroless8', undefined],
  ['node', 'javascript'],
  ['typescript', 'typescript'],
  ['python2.7', undefined],
  ['ruby2.4', undefined],
  ['go1.14', undefined],
  ['', undefined],
])('runtime %j', (runtime, language) => {
  expect(languageOfRuntime(runtime)).toBe(language);
});

test.each([
  ['a.py', 'python'],
  ['a/b.mjs', 'javascript'],
  ['a.cts', 'typescript'],
  ['a.yaml', undefined],
  ['py', undefined],
])('file %j', (path, language) => {
  expect(languageOfFile(path)).toBe(language);
});
