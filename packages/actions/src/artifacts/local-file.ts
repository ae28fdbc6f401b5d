/** Files in a folder of this machine. */

import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, open, readFile, stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { schema, text } from '@peregrine/base';
import { defineArtifactStore, type Kept } from './artifact-store.ts';
import { namesOf } from './places.ts';

const OWNER_ONLY = 0o600;

export const localFile = defineArtifactStore({
  name: 'local:file',
  doc: 'Files in a folder of the machine that the hub runs on; only its user can read them.',
  parameters: schema({
    destination: text({ doc: 'The folder; it must be there.', example: '/var/tmp/captures' }),
  }),
  refuses: ({ destination }) =>
    destination.trim() === '' || destination.includes('\0')
      ? [{ key: 'destination', why: 'is no path of a folder' }]
      : [],
  keep: async ({ bytes }, name, { destination }, _settings, { signal }) => {
    const folder = resolve(destination);
    let part: string | undefined;
    try {
      if (!(await stat(folder)).isDirectory())
        return { kind: 'refused', reason: `\`destination\` is no folder: ${folder}` };
      part = join(folder, `.${randomUUID()}.part`);
      await write(part, bytes, signal);
      return await place(part, folder, namesOf(name, bytes), bytes);
    } catch (error) {
      return keptOfError(error, folder);
    } finally {
      if (part !== undefined) await unlink(part).catch(() => {});
    }
  },
});

/** On the disk when it resolves. */
async function write(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const file = await open(path, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(bytes, { signal });
    await file.sync();
  } finally {
    await file.close();
  }
}

/** INVARIANT: what has a name here already stays as it is. */
async function place(
  part: string,
  folder: string,
  names: readonly string[],
  bytes: Uint8Array,
): Promise<Kept> {
  for (const name of names) {
    const path = join(folder, name);
    if (await namedAs(part, path)) return { kind: 'kept', place: path };
    // Of an earlier attempt.
    if (await hasContent(path, bytes)) return { kind: 'kept', place: path };
  }
  return { kind: 'refused', reason: `other files have its names: ${names.join(', ')}` };
}

/** False where there is one of that name. */
async function namedAs(part: string, path: string): Promise<boolean> {
  try {
    await link(part, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    // Not every file system has links.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error))) throw error;
  }
  try {
    await copyFile(part, path, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function hasContent(path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    const found = await stat(path);
    return found.isFile() && found.size === bytes.length && (await readFile(path)).equals(bytes);
  } catch {
    // Whatever it is, it is not ours.
    return false;
  }
}

/** What an operator has to put right first. */
const finalCodes = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'ELOOP', 'ENAMETOOLONG']);

function keptOfError(error: unknown, folder: string): Kept {
  const reason = `cannot keep it in ${folder}: ${error instanceof Error ? error.message : String(error)}`;
  return finalCodes.has(codeOf(error))
    ? { kind: 'refused', reason }
    : { kind: 'retry', reason, afterMs: undefined };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
