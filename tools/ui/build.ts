/** Builds the pages of the web interface, with packed copies beside each file; nothing when they are newer than all sources. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';

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

/** The page itself is written last. */
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
  const page = join(folder, 'index.html');
  writeFileSync(page, readFileSync(page));
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
    await build({ configFile: join(root, 'ui', 'vite.config.ts'), logLevel: 'warn' });
    pack();
    process.stdout.write('built: build/ui\n');
  }
} finally {
  rmSync(lock, { recursive: true, force: true });
}
