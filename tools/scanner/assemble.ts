/**
 * Turns the text of the JSON scanner into the code that is loaded: `node tools/scanner/assemble.ts`. The code is kept
 * beside the text, so that nothing has to be built before the program can run.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import loadWabt from 'wabt';

const folder = join(import.meta.dirname, '../../packages/events/src/json');
const LINE = 100;
export const codeFile: string = join(folder, 'json-scanner-code.ts');

/** The file that holds the code, as it should be. */
export async function assembleScanner(): Promise<string> {
  const wabt = await loadWabt();
  const module = wabt.parseWat('json-scanner.wat', readFileSync(join(folder, 'json-scanner.wat'), 'utf8'), {
    simd: true,
  });
  try {
    module.validate();
    const text = Buffer.from(module.toBinary({}).buffer).toString('base64');
    const lines = text.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
    return [
      '/** json-scanner.wat as WebAssembly, base64. Generated: `node tools/scanner/assemble.ts`. */',
      '',
      'export const scannerCode: string = [',
      ...lines.map((line) => `  '${line}',`),
      "].join('');",
      '',
    ].join('\n');
  } finally {
    module.destroy();
  }
}

if (import.meta.main) writeFileSync(codeFile, await assembleScanner());
