/**
 * Joins the programs' TypeScript into a few JavaScript files in `build/bundle`, so that they start in a third of the
 * time. The launchers use the bundle while it is newer than every source, and the sources themselves otherwise.
 */

import { globSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, 'build', 'bundle');
const entries = {
  peregrine: 'packages/cli/src/peregrine.ts',
  falco: 'packages/cli/src/falco.ts',
  falcosidekick: 'packages/cli/src/falcosidekick.ts',
  'falcosidekick-ui': 'packages/cli/src/falcosidekick-ui.ts',
  ...workers(),
};

/** Modules of threads, each beside what starts it. */
function workers(): Readonly<Record<string, string>> {
  const files = globSync('packages/*/src/**/*-worker.ts', { cwd: root });
  return Object.fromEntries(files.map((file) => [basename(file, '.ts'), file]));
}

/** Packages with binaries of their own, and those that are loaded only in rare cases. */
const left = [
  'koffi',
  'yaml',
  're2js',
  '@grpc/grpc-js',
  /^@aws-sdk\//,
  /^@nats-io\//,
  '@platformatic/kafka',
  /^@azure\//,
  '@smithy/node-http-handler',
  '@smithy/signature-v4',
  'google-auth-library',
  'pg',
  ...['@redis/client', 'amqplib', 'hyparquet-writer', 'mqtt', 'nodemailer'],
];

/** Files beside a source are still found from where its code ends up. */
const placeKeeper: Plugin = {
  name: 'place-keeper',
  transform(code, id) {
    if (!code.includes('import.meta.')) return null;
    const path = JSON.stringify(`../../${relative(root, id)}`);
    const place = JSON.stringify(`/../../${relative(root, dirname(id))}`);
    return code
      .replaceAll(/new URL\('\.\/(\w+-worker)\.ts', import\.meta\.url\)/g, "new URL('./$1.mjs', SELF_URL)")
      .replaceAll('import.meta.url', `new URL(${path}, SELF_URL).href`)
      .replaceAll('import.meta.dirname', `(import.meta.dirname + ${place})`)
      .replaceAll('SELF_URL', 'import.meta.url');
  },
};

/**
 * Node's own modules by name instead of by `import`: an import of `node:fs` touches all that it exports, and so loads
 * streams and readline, which nothing here needs: 5 ms. With V8 flags such as the launchers', Node does not use the code
 * that it keeps of its own modules, and each costs three times as much; sources load those that few runs need (sockets,
 * terminals, compression, child processes) where they need them.
 */
const builtinsByName: Plugin = {
  name: 'builtins-by-name',
  renderChunk(code) {
    return code.replace(
      /^import \{([^}]+)\} from "(node:[a-z_/]+)";$/gm,
      (_, names: string, module: string) =>
        `const {${names.replace(/(\w+) as (\w+)/g, '$1: $2')}} = process.getBuiltinModule("${module}");`,
    );
  },
};

function newestSourceMs(path: string): number {
  let newest = 0;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith('.ts')) {
      newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
    }
  }
  return newest;
}

function isCurrent(): boolean {
  const built = statSync(join(folder, 'peregrine.mjs'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return built > newestSourceMs(join(root, 'packages'));
}

async function bundle(): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const build = await rolldown({
    cwd: root,
    input: entries,
    platform: 'node',
    external: left,
    plugins: [placeKeeper, builtinsByName],
    logLevel: 'warn',
  });
  await build.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
  });
  await build.close();
  // The launchers compare this file with the sources: it must be the last to change.
  const now = new Date();
  for (const name of ['falco.mjs', 'falcosidekick.mjs', 'falcosidekick-ui.mjs', 'peregrine.mjs'])
    utimesSync(join(folder, name), now, now);
}

if (isCurrent()) process.stdout.write('up to date: build/bundle\n');
else {
  await bundle();
  process.stdout.write('built: build/bundle\n');
}
