import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { assembleScanner, codeFile } from './assemble.ts';

test('the code of the JSON scanner is what its text gives (node tools/scanner/assemble.ts)', async () => {
  expect(readFileSync(codeFile, 'utf8')).toBe(await assembleScanner());
});
