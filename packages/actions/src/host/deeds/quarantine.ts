/**
 * Moves files to where they do no harm, and back. A file is taken hold of before anything is decided, and is not followed
 * to anywhere: what was put in its place meanwhile stays where it is.
 */

import { randomUUID } from 'node:crypto';
import { closeSync, fchmodSync, lstatSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { flag, schema, text } from '@peregrine/base';
import type { ActionOutcome } from '../../action.ts';
import { type DeedCall, defineDeed, refused, unchanged } from '../deed.ts';
import { identify, type ProcessData, processKeys } from '../known-process.ts';
import { copyBytes, hashOf, openFolder, readNote, writeNote } from '../linux/quarantine-folder.ts';
import { closeSealed, identityAt, isSame, type SealedFile, sealFile } from '../linux/sealed-file.ts';

/** Files of others, in folders of others, with owners and rights as they were. */
export const quarantineCapabilities: readonly string[] = [
  ...['CAP_DAC_OVERRIDE', 'CAP_FOWNER', 'CAP_CHOWN', 'CAP_SYS_PTRACE'],
];

/** Larger ones are not copied from one file system to another, bytes. */
const MOST_COPIED_BYTES = 4 * 2 ** 30;
const EXECUTE_BITS = 0o111;
const SPECIAL_BITS = 0o7000;

const quarantineData = schema({
  ...processKeys,
  path: text({ doc: 'Of the file, from `/` on, as the process sees it.' }),
  folder: text({ doc: 'Where it goes.' }),
  machine: flag({ doc: 'Whether it is known to be no file of a container.' }),
  alert: text({ default: '', doc: 'Of which alert, for whoever looks at it.' }),
});
type QuarantineData = ProcessData & {
  readonly path: string;
  readonly folder: string;
  readonly machine: boolean;
  readonly alert: string;
};

export const quarantine = defineDeed({
  name: 'quarantine',
  doc: 'Moves a file into a folder that only root can enter, and takes the right to run it.',
  data: quarantineData,
  capabilities: () => quarantineCapabilities,
  run: async (call): Promise<ActionOutcome> => {
    const root = rootOf(call);
    if ('outcome' in root) return root.outcome;
    const { path } = call.data;
    const sealed = sealFile({ calls: call.calls, path, pid: root.pid });
    if ('why' in sealed) return sealed.isGone ? unchanged(sealed.why) : refused(sealed.why);
    const { file } = sealed;
    try {
      const why = whyProtected(join(file.folderPath, file.name), call);
      if (why !== undefined) return refused(why);
      return await moveAway(file, root.pid, call);
    } finally {
      closeSealed(file);
    }
  },
});

export const release = defineDeed({
  name: 'release',
  doc: 'Puts a file back that was moved away, unless something is there now.',
  data: schema({
    folder: text({ doc: 'Where it is.' }),
    name: text({ doc: 'Its name there.' }),
  }),
  capabilities: () => quarantineCapabilities,
  run: async (call): Promise<ActionOutcome> => {
    const { folder: path, name } = call.data;
    if (!/^[0-9a-f-]{36}$/.test(name)) return refused(`\`${name}\` is no name of a file that was moved away`);
    const opened = openFolder(path, false);
    if ('why' in opened) return unchanged(opened.why);
    try {
      return await putBack(opened.fd, join(path, name), name, call);
    } finally {
      closeSync(opened.fd);
    }
  },
});

/** The process whose root the path begins at; none where the machine's is meant. */
function rootOf(
  call: DeedCall<QuarantineData>,
): { readonly pid: number | undefined } | { readonly outcome: ActionOutcome } {
  const known = identify(call.data, { ...call, settings: { ...call.settings, pids: [] } });
  if (known.kind === 'known') {
    closeSync(known.pidfd);
    return { pid: isOfMachine(known.facts.pid) ? undefined : known.facts.pid };
  }
  // It need not be there any more where paths mean the same without it.
  if (call.data.machine) return { pid: undefined };
  const { outcome } = known;
  if (outcome.kind !== 'unchanged') return { outcome };
  const hint =
    call.data.container === ''
      ? 'whether its files were those of a container is not known; put `%container.id` into the output of the rule'
      : `files of container ${call.data.container} are not reached without it`;
  return { outcome: refused(`${outcome.reason}, and ${hint}`) };
}

function isOfMachine(pid: number): boolean {
  return readlinkSync(`/proc/${pid}/ns/mnt`) === readlinkSync('/proc/self/ns/mnt');
}

function whyProtected(path: string, { settings }: DeedCall<unknown>): string | undefined {
  const found = settings.paths.find((one) => path === one || path.startsWith(`${one.replace(/\/+$/, '')}/`));
  return found === undefined
    ? undefined
    : `\`${path}\` is protected: \`${found}\` in \`response.protected.paths\``;
}

async function moveAway(
  file: SealedFile,
  pid: number | undefined,
  call: DeedCall<QuarantineData>,
): Promise<ActionOutcome> {
  const { data, isDryRun, calls } = call;
  const path = join(file.folderPath, file.name);
  if (path.startsWith(`${data.folder}/`)) return unchanged(`\`${path}\` is in quarantine already`);
  const undo = { folder: data.folder, name: randomUUID() };
  const done: ActionOutcome = {
    kind: 'done',
    summary: `${isDryRun ? 'would move' : 'moved'} \`${path}\` to \`${data.folder}\``,
    changes: [{ object: `file ${path}`, after: `moved to ${join(data.folder, undo.name)}` }],
    ...(pid === undefined ? { undo } : {}),
  };
  if (isDryRun) return done;
  const opened = openFolder(data.folder, true);
  if ('why' in opened) return refused(opened.why);
  const to = { folder: opened.fd, name: undo.name };
  try {
    const sha256 = await hashOf(file.file);
    const { mode, uid, gid, sizeBytes, linkCount } = file;
    const note = {
      path,
      uid,
      gid,
      mode,
      sha256,
      size_bytes: sizeBytes,
      alert: data.alert,
      at: new Date().toISOString(),
    };
    writeNote(join(data.folder, `${undo.name}.json`), { ...note, container: data.container });
    const moved = calls.renameNew(file, to);
    if ('failure' in moved && moved.failure.code === 'EXDEV') {
      const trouble = await copyAway(file, to, call);
      if (trouble !== undefined) return trouble;
    } else if ('failure' in moved) {
      calls.unlinkAt(opened.fd, `${undo.name}.json`);
      return refused(`\`${path}\` cannot be moved: ${moved.failure.reason}`);
    } else if (!isSame(identityAt(calls, opened.fd, undo.name), file.identity)) {
      calls.renameNew(to, file);
      calls.unlinkAt(opened.fd, `${undo.name}.json`);
      return refused(`\`${path}\` became another file while it was looked at`);
    } else if (linkCount === 1) fchmodSync(file.file, mode & ~(EXECUTE_BITS | SPECIAL_BITS));
    // With other names, it is in use under them, and keeps its rights.
    const more = linkCount > 1 ? `; it has ${linkCount - 1} other names, under which it stays` : '';
    return {
      ...done,
      summary: `${done.summary}${more}`,
      results: { sha256, path: join(data.folder, undo.name) },
    };
  } finally {
    closeSync(opened.fd);
  }
}

/** To another file system. The name goes first, so that what goes is what was copied. */
async function copyAway(
  file: SealedFile,
  to: { readonly folder: number; readonly name: string },
  { calls, data }: DeedCall<QuarantineData>,
): Promise<ActionOutcome | undefined> {
  const drop = (reason: string): ActionOutcome => {
    for (const name of [to.name, `${to.name}.json`]) calls.unlinkAt(to.folder, name);
    return refused(reason);
  };
  if (file.sizeBytes > MOST_COPIED_BYTES)
    return drop(`\`${file.name}\` is too large to be copied to another file system`);
  const mode = file.mode & ~(EXECUTE_BITS | SPECIAL_BITS);
  await copyBytes(file.file, join(data.folder, to.name), { ...file, mode });
  const hidden = { folder: file.folder, name: `.${to.name}` };
  const moved = calls.renameNew(file, hidden);
  if ('failure' in moved) return drop(`\`${file.name}\` cannot be moved: ${moved.failure.reason}`);
  if (!isSame(identityAt(calls, file.folder, hidden.name), file.identity)) {
    calls.renameNew(hidden, file);
    return drop(`\`${file.name}\` became another file while it was copied`);
  }
  calls.unlinkAt(file.folder, hidden.name);
  return undefined;
}

async function putBack(
  folder: number,
  at: string,
  name: string,
  call: DeedCall<unknown>,
): Promise<ActionOutcome> {
  const { calls, isDryRun } = call;
  const gone = unchanged(`there is no \`${at}\` any more`);
  const note = readNote(`${at}.json`);
  const file = calls.openPath({ folder, path: name, isRead: true, isInRoot: false });
  if ('failure' in file) return gone;
  try {
    if (note === undefined) return refused(`nothing says where \`${at}\` was`);
    const why = whyProtected(note.path, call);
    if (why !== undefined) return refused(why);
    const [place, own] = [dirname(note.path), basename(note.path)];
    const target = calls.openPath({ folder: undefined, path: place, isRead: false, isInRoot: false });
    if ('failure' in target) return refused(`\`${place}\` cannot be opened: ${target.failure.reason}`);
    try {
      if (existsWithin(target.value, own)) return refused(`something else is at \`${note.path}\` now`);
      const done: ActionOutcome = {
        kind: 'done',
        summary: `${isDryRun ? 'would put' : 'put'} \`${note.path}\` back`,
        changes: [{ object: `file ${note.path}`, after: 'where it was' }],
      };
      if (isDryRun) return done;
      const moved = calls.renameNew({ folder, name }, { folder: target.value, name: own });
      if ('value' in moved) fchmodSync(file.value, note.mode);
      else if (moved.failure.code === 'EXDEV') {
        await copyBytes(file.value, `/proc/self/fd/${target.value}/${own}`, note);
        calls.unlinkAt(folder, name);
      } else return refused(`\`${note.path}\` cannot be put back: ${moved.failure.reason}`);
      calls.unlinkAt(folder, `${name}.json`);
      return done;
    } finally {
      closeSync(target.value);
    }
  } finally {
    closeSync(file.value);
  }
}

/** Symbolic links count, too. */
function existsWithin(folder: number, name: string): boolean {
  return lstatSync(`/proc/self/fd/${folder}/${name}`, { throwIfNoEntry: false }) !== undefined;
}
