/** What a start of the built programs loads before anybody asked for it. */

import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const folder = join(import.meta.dirname, '..', '..', 'build', 'bundle');
const isBuilt = existsSync(join(folder, 'peregrine.mjs'));

/** Packages that a file imports, and those of the files that it imports itself; what is imported later does not count. */
function packagesOf(file: string, seen: Set<string> = new Set()): readonly string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const text = readFileSync(join(folder, file), 'utf8');
  const imported = [...text.matchAll(/^(?:import|export)\b[^;]*?(?:from )?"([^"]+)";$/gm)].map(
    ([, name = '']) => name,
  );
  return imported.flatMap((name) => (name.startsWith('./') ? packagesOf(name.slice(2), seen) : [name]));
}

describe.skipIf(!isBuilt)(isBuilt ? 'the bundle' : 'the bundle (skipped: it is not built)', () => {
  test.each(['peregrine.mjs', 'falco.mjs', 'sensor-worker.mjs', 'feed-worker.mjs'])(
    '%s loads no client of a service at its start',
    (file) => {
      const packages = packagesOf(file).filter((name) => !name.startsWith('node:'));
      expect(
        packages.filter((name) =>
          /^(@(aws-sdk|smithy|nats-io|platformatic|grpc|redis)\/|(amqplib|hyparquet-writer|mqtt|nodemailer)$)/.test(
            name,
          ),
        ),
      ).toEqual([]);
    },
  );

  test('every thread has its module', () => {
    const workers = globSync('packages/*/src/**/*-worker.ts', { cwd: join(folder, '..', '..') });
    expect(workers.length).toBeGreaterThan(4);
    for (const file of workers) expect(readdirSync(folder)).toContain(`${basename(file, '.ts')}.mjs`);
  });

  test('clients are left where they are, and imported when they are used', () => {
    const parts = readdirSync(folder).filter((file) => /^(kafka-reader|nats-reader|feeds)-/.test(file));
    const text = parts.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
    for (const client of ['@platformatic/kafka', '@nats-io/jetstream', '@aws-sdk/client-s3'])
      expect(text).toContain(`"${client}"`);
  });
});
