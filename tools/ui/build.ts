/** Builds the pages of the web interface, with packed copies beside each file; nothing when they are newer than all sources. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';
import { firstLoads, MOST_BYTES } from './first-load.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, 'build', 'ui');
const sources = ['ui', 'packages/api/src/contract', 'packages/lang/src', 'packages/base/src'].map((path) =>
  join(root, path),
);

function newestMs(path: string): number {
  let newest = 0;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.parentPath.includes('node_modules')) continue;
    newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return newest;
}

function isCurrent(): boolean {
  const page = join(folder, 'index.html');
  return existsSync(page) && statSync(page).mtimeMs > Math.max(...sources.map(newestMs));
}

function pack(): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(?:js|css|html|svg)$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    const size = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: size }));
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
}

/** The page itself is written last: until then nothing is up to date. */
function finish(): void {
  const page = join(folder, 'index.html');
  writeFileSync(page, readFileSync(page));
}

function checkFirstLoads(built: Awaited<ReturnType<typeof build>>): void {
  if (Array.isArray(built) || !('output' in built)) throw new Error('one build was expected');
  const chunks = built.output.flatMap((file) => (file.type === 'chunk' ? [file] : []));
  const loads = firstLoads(chunks, (file) => statSync(join(folder, `${file}.gz`)).size);
  for (const { page, bytes } of loads) process.stdout.write(`${String(bytes).padStart(8)} ${page}\n`);
  const [largest] = loads;
  if (largest === undefined || largest.bytes <= MOST_BYTES) return;
  rmSync(join(folder, 'index.html'));
  throw new Error(
    `the first load of ${largest.page} is ${largest.bytes} bytes, and ${MOST_BYTES} are the most: load parts of it later`,
  );
}

const lock = join(root, 'build', 'ui.lock');
/** Whoever holds a lock for longer has ended without taking it away. */
const LOCK_MS = 120_000;

/** One at a time: tests that run side by side all ask for the pages. */
async function takeLock(): Promise<void> {
  mkdirSync(join(root, 'build'), { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const heldMs = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (heldMs > LOCK_MS) rmSync(lock, { recursive: true, force: true });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

await takeLock();
try {
  if (isCurrent()) process.stdout.write('up to date: build/ui\n');
  else {
    const built = await build({ configFile: join(root, 'ui', 'vite.config.ts'), logLevel: 'warn' });
    pack();
    checkFirstLoads(built);
    finish();
    process.stdout.write('built: build/ui\n');
  }
} finally {
  rmSync(lock, { recursive: true, force: true });
}
