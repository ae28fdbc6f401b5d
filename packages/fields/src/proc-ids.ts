/** Ids of processes, sessions and groups, and their leaders. */

import { type EventContext, NO_ID, type Thread } from '@peregrine/state';
import { highestAncestor, parentOf, pidOf } from './ancestors.ts';
import { boolField, defineFields, type FieldDeclaration, idField, textField } from './define-fields.ts';
import { commOf, exeOf, exepathOf } from './proc.ts';

type ReadId = (thread: Thread) => number;

const sidOf: ReadId = (thread) => thread.sid;
const vpgidOf: ReadId = (thread) => thread.vpgid;
const pgidOf: ReadId = (thread) => thread.pgid;

/**
 * The leader by its id. An id of a pid namespace names nobody in the table: then the highest ancestor with the same
 * id is taken for the leader.
 */
function leaderOf(event: EventContext, thread: Thread, id: ReadId, isHostId: boolean): Thread | undefined {
  if (isHostId || !thread.isInPidNamespace) return event.tables.thread(id(thread));
  const wanted = id(thread);
  return highestAncestor(thread, (ancestor) => id(ancestor) === wanted);
}

interface LeaderOptions {
  readonly doc: string;
  readonly id: ReadId;
  /** The id is the host's, whatever the namespace. */
  readonly isHostId?: boolean;
  readonly read: (leader: Thread) => string;
}

/** Not of scope `thread`: the leader need not be an ancestor. Empty when it is not known. */
function leaderField({ doc, id, isHostId = false, read }: LeaderOptions): FieldDeclaration {
  return textField({
    doc,
    examples: ['bash'],
    cost: 60,
    read: (event) => {
      if (event.thread === undefined) return undefined;
      const leader = leaderOf(event, event.thread, id, isHostId);
      return leader === undefined ? '' : read(leader);
    },
  });
}

function ownId(doc: string, read: ReadId): FieldDeclaration {
  return idField({
    doc,
    scope: 'thread',
    read: (event) => (event.thread === undefined ? undefined : read(event.thread)),
  });
}

/** COMPAT: a thread outside every pid namespace has them too; a made-up thread has none. */
function virtualId(doc: string, read: (thread: Thread) => number | undefined): FieldDeclaration {
  return idField({
    doc,
    scope: 'thread',
    read: (event) => {
      const id = event.thread === undefined ? undefined : read(event.thread);
      return id === NO_ID ? undefined : id;
    },
  });
}

function loginShellOf(thread: Thread): number | undefined {
  let found = thread.comm.endsWith('sh') ? thread.pid : undefined;
  let ancestor = parentOf(thread);
  for (let i = 0; i < 4096 && ancestor !== undefined; i++) {
    if (ancestor.comm.endsWith('sh')) found = ancestor.pid;
    ancestor = parentOf(ancestor);
  }
  return found;
}

export const procIdFields = defineFields('process', {
  'proc.loginshellid': idField({
    doc: 'Process id of the oldest shell among the process and its ancestors.',
    scope: 'thread',
    cost: 60,
    read: (event) => (event.thread === undefined ? undefined : loginShellOf(event.thread)),
  }),
  'proc.pid': ownId('Process id, as the host sees it.', pidOf),
  'proc.ppid': idField({
    doc: 'Process id of the parent; absent when the parent is not known.',
    scope: 'thread',
    read: (event) => (event.thread === undefined ? undefined : parentOf(event.thread)?.pid),
  }),
  'proc.vpid': virtualId('Process id as the process sees it in its namespace.', (thread) => thread.vpid),
  'proc.pvpid': virtualId(
    'Process id of the parent as the parent sees it.',
    (thread) => parentOf(thread)?.vpid,
  ),
  'proc.sid': ownId('Id of the session, as the process sees it.', sidOf),
  'proc.sname': leaderField({ doc: 'Name of the session leader.', id: sidOf, read: commOf }),
  'proc.sid.exe': leaderField({
    doc: "First argument of the session leader's command line.",
    id: sidOf,
    read: exeOf,
  }),
  'proc.sid.exepath': leaderField({
    doc: "Path of the session leader's executable.",
    id: sidOf,
    read: exepathOf,
  }),
  'proc.vpgid': ownId('Id of the process group, as the process sees it.', vpgidOf),
  'proc.vpgid.name': leaderField({
    doc: "Name of the process group's leader, found by `proc.vpgid`.",
    id: vpgidOf,
    read: commOf,
  }),
  'proc.vpgid.exe': leaderField({
    doc: "First argument of the process group's leader, found by `proc.vpgid`.",
    id: vpgidOf,
    read: exeOf,
  }),
  'proc.vpgid.exepath': leaderField({
    doc: "Path of the executable of the process group's leader, found by `proc.vpgid`.",
    id: vpgidOf,
    read: exepathOf,
  }),
  'proc.pgid': ownId('Id of the process group, as the host sees it.', pgidOf),
  'proc.pgid.name': leaderField({
    doc: "Name of the process group's leader.",
    id: pgidOf,
    isHostId: true,
    read: commOf,
  }),
  'proc.pgid.exe': leaderField({
    doc: "First argument of the process group's leader.",
    id: pgidOf,
    isHostId: true,
    read: exeOf,
  }),
  'proc.pgid.exepath': leaderField({
    doc: "Path of the executable of the process group's leader.",
    id: pgidOf,
    isHostId: true,
    read: exepathOf,
  }),
  'proc.is_sid_leader': boolField({
    doc: 'Whether the process leads its session.',
    scope: 'thread',
    read: (event) => (event.thread === undefined ? undefined : event.thread.sid === event.thread.vpid),
  }),
  'proc.is_vpgid_leader': boolField({
    doc: 'Whether the process leads its process group, by the ids that it sees.',
    scope: 'thread',
    read: (event) => (event.thread === undefined ? undefined : event.thread.vpgid === event.thread.vpid),
  }),
  'proc.is_pgid_leader': boolField({
    doc: 'Whether the process leads its process group, by the ids of the host.',
    scope: 'thread',
    read: (event) => (event.thread === undefined ? undefined : event.thread.pgid === pidOf(event.thread)),
  }),
});
