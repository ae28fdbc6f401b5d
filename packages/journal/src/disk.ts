/** The part of the world that a journal needs: files of one folder. */

import { mkdir, open, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface JournalFile {
  /** Writes all of it. */
  write(bytes: Buffer, position: number): Promise<void>;
  /** What was written is on the disk, and stays there when the machine stops. */
  sync(): Promise<void>;
  /** As many bytes as there are, up to those asked for. */
  read(position: number, length: number): Promise<Buffer>;
  truncate(sizeBytes: number): Promise<void>;
  sizeBytes(): Promise<number>;
  close(): Promise<void>;
}

export interface JournalDisk {
  /** Names of the files in the folder. */
  list(): Promise<readonly string[]>;
  /** Fails when the file is there. Its name survives when the machine stops. */
  create(name: string): Promise<JournalFile>;
  /** Fails when the file is not there. */
  open(name: string): Promise<JournalFile>;
  remove(name: string): Promise<void>;
  /** The whole of a small file; `undefined` when it is not there. */
  readWhole(name: string): Promise<Buffer | undefined>;
  /** Puts a whole file in the place of another: afterwards there is the old one or the new one, never a part. */
  replace(name: string, bytes: Buffer): Promise<void>;
}

/** The folder is made when it is not there. */
export async function openDisk(folder: string): Promise<JournalDisk> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const replaced = new Set<string>();

  async function syncFolder(): Promise<void> {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  return {
    list: () => readdir(folder),
    create: async (name) => {
      const file = await openFile(join(folder, name), 'wx+');
      await syncFolder();
      return file;
    },
    open: (name) => openFile(join(folder, name), 'r+'),
    remove: (name) => unlink(join(folder, name)),
    readWhole: async (name) => {
      try {
        return await readFile(join(folder, name));
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    replace: async (name, bytes) => {
      const path = join(folder, name);
      await writeFile(`${path}.new`, bytes, { mode: 0o600, flush: true });
      await rename(`${path}.new`, path);
      // The first time, there is no old one to fall back to.
      if (!replaced.has(name)) await syncFolder();
      replaced.add(name);
    },
  };
}

async function openFile(path: string, flags: string): Promise<JournalFile> {
  const handle = await open(path, flags, 0o600);
  return {
    write: async (bytes, position) => {
      let done = 0;
      while (done < bytes.length) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
        done += bytesWritten;
      }
    },
    sync: () => handle.datasync(),
    read: async (position, length) => {
      const bytes = Buffer.allocUnsafe(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, length - done, position + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return bytes.subarray(0, done);
    },
    truncate: (sizeBytes) => handle.truncate(sizeBytes),
    sizeBytes: async () => (await handle.stat()).size,
    close: () => handle.close(),
  };
}
