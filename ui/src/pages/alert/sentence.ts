/** What an alert says, as a sentence a person would write: made from its fields, whose values are parts that can be searched for. */

import type { Alert } from '@peregrine/api/contract';
import { valueText } from '../../format.ts';

/** Plain words, or the value of a field. */
export type Part = string | { readonly field: string; readonly value: string };

type Sentence = readonly Part[];

/** Reads fields; what has no value, or a placeholder for none, is absent. */
export class FieldReader {
  readonly #fields: Alert['fields'];

  constructor(fields: Alert['fields']) {
    this.#fields = fields;
  }

  text(...names: readonly string[]): string | undefined {
    return this.part(...names)?.value;
  }

  /** The first of them that has a value. */
  part(...names: readonly string[]): { readonly field: string; readonly value: string } | undefined {
    for (const field of names) {
      const value = Object.hasOwn(this.#fields, field) ? valueText(this.#fields[field]) : '';
      if (value !== '' && value !== '<NA>' && value !== 'N/A') return { field, value };
    }
    return undefined;
  }
}

interface Maker {
  /** `evt.type`. */
  readonly types: readonly string[];
  /** What the process did; `undefined`: too little is known for this one. */
  readonly make: (read: FieldReader) => Sentence | undefined;
}

const FILE = ['fd.name', 'fs.path.name', 'evt.arg.path', 'evt.arg.name', 'evt.arg.pathname'] as const;

/** `VERB PART`; nothing where the part is unknown. */
const onFile =
  (verb: string) =>
  (read: FieldReader): Sentence | undefined => {
    const file = read.part(...FILE);
    return file === undefined ? undefined : [verb, file];
  };

const makers: readonly Maker[] = [
  {
    types: ['execve', 'execveat', 'clone', 'clone3', 'fork', 'vfork', 'spawned_process'],
    make: (read) => {
      const command = read.part('proc.cmdline', 'proc.exeline');
      const parent = read.part('proc.pname');
      return [
        'was started',
        ...(parent === undefined ? [] : [' by ', parent]),
        ...(command === undefined || command.value === read.text('proc.name') ? [] : [': ', command]),
      ];
    },
  },
  {
    types: ['open', 'openat', 'openat2', 'open_by_handle_at', 'creat'],
    make: (read) => {
      const file = read.part(...FILE);
      if (file === undefined) return undefined;
      const flags = read.text('evt.arg.flags', 'evt.arg[flags]') ?? '';
      const isWritten =
        read.text('evt.is_open_write') === 'true' || /O_(?:WRONLY|RDWR|TRUNC|CREAT)/.test(flags);
      const isRead = read.text('evt.is_open_read') === 'true' || /O_RDONLY/.test(flags);
      return ['opened ', file, isWritten ? ' for writing' : isRead ? ' for reading' : ''];
    },
  },
  {
    types: ['connect', 'sendto', 'sendmsg', 'sendmmsg'],
    make: (read) => {
      const host = read.part('fd.sip.name', 'fd.rip.name', 'fd.sip', 'fd.rip');
      const port = read.part('fd.sport', 'fd.rport');
      const whole = read.part('fd.name');
      if (host === undefined) return whole === undefined ? undefined : ['connected to ', whole];
      return ['connected to ', host, ...(port === undefined ? [] : [' on port ', port])];
    },
  },
  {
    types: ['accept', 'accept4', 'recvfrom', 'recvmsg'],
    make: (read) => {
      const from = read.part('fd.cip.name', 'fd.cip', 'fd.name');
      const port = read.part('fd.sport');
      if (from === undefined) return undefined;
      return ['took a connection from ', from, ...(port === undefined ? [] : [' on port ', port])];
    },
  },
  {
    types: ['bind', 'listen'],
    make: (read) => {
      const port = read.part('fd.sport', 'fd.lport', 'fd.name');
      return port === undefined ? undefined : ['listens on ', port];
    },
  },
  { types: ['unlink', 'unlinkat', 'rmdir'], make: onFile('removed ') },
  { types: ['mkdir', 'mkdirat'], make: onFile('made the folder ') },
  { types: ['chmod', 'fchmod', 'fchmodat'], make: onFile('changed who may use ') },
  { types: ['chown', 'lchown', 'fchown', 'fchownat'], make: onFile('changed the owner of ') },
  {
    types: ['rename', 'renameat', 'renameat2'],
    make: (read) => {
      const from = read.part('evt.arg.oldpath', 'fs.path.source', 'fd.name');
      const to = read.part('evt.arg.newpath', 'fs.path.target');
      if (from === undefined) return undefined;
      return ['renamed ', from, ...(to === undefined ? [] : [' to ', to])];
    },
  },
  {
    types: ['symlink', 'symlinkat', 'link', 'linkat'],
    make: (read) => {
      const target = read.part('evt.arg.target', 'evt.arg.oldpath', 'fs.path.target');
      const path = read.part('evt.arg.linkpath', 'evt.arg.newpath', 'fs.path.source');
      if (target === undefined) return undefined;
      return ['made a link to ', target, ...(path === undefined ? [] : [' at ', path])];
    },
  },
  {
    types: ['setuid', 'setresuid', 'setreuid'],
    make: (read) => {
      const user = read.part('evt.arg.uid', 'evt.arg.euid');
      return user === undefined ? ['changed its user'] : ['became user ', user];
    },
  },
  { types: ['setns'], make: () => ['entered the namespace of another process'] },
  { types: ['unshare'], make: () => ['made namespaces of its own'] },
  { types: ['ptrace'], make: () => ['attached to another process to control it'] },
  { types: ['init_module', 'finit_module'], make: () => ['loaded a module into the kernel'] },
  { types: ['bpf'], make: () => ['loaded a BPF program into the kernel'] },
  {
    types: ['mount', 'umount', 'umount2'],
    make: (read) => {
      const place = read.part('evt.arg.dir', 'evt.arg.name', 'fd.name');
      return ['mounted or unmounted ', place ?? 'a file system'];
    },
  },
];

const makerOf: ReadonlyMap<string, Maker> = new Map(
  makers.flatMap((maker) => maker.types.map((type): [string, Maker] => [type, maker])),
);

/** Where it happened; begins with a space. */
function place(read: FieldReader): Sentence {
  const pod = read.part('k8s.pod.name');
  const namespace = read.part('k8s.ns.name');
  const container = read.part('container.name');
  const image = read.part('container.image.repository', 'container.image');
  const ofImage: Sentence = image === undefined ? [] : [' (image ', image, ')'];
  if (pod !== undefined)
    return [' in pod ', pod, ...(namespace === undefined ? [] : [' of namespace ', namespace]), ...ofImage];
  if (container !== undefined && container.value !== 'host') return [' in container ', container, ...ofImage];
  const id = read.part('container.id');
  if (id !== undefined && id.value !== 'host') return [' in container ', id, ...ofImage];
  return id?.value === 'host' ? [' on the host'] : [];
}

function ofSyscall(read: FieldReader): Sentence | undefined {
  const name = read.part('proc.name', 'proc.exepath');
  const maker = makerOf.get(read.text('evt.type') ?? '');
  if (name === undefined || maker === undefined) return undefined;
  const act = maker.make(read);
  if (act === undefined) return undefined;
  const user = read.part('user.name');
  return [name, ...(user === undefined ? [] : [', run by ', user, ',']), ' ', ...act, ...place(read), '.'];
}

const pastOf: Readonly<Record<string, string>> = {
  create: 'created',
  update: 'changed',
  patch: 'changed',
  delete: 'deleted',
  deletecollection: 'deleted all',
  get: 'read',
  list: 'listed',
  watch: 'watched',
};

function ofKubernetesAudit(read: FieldReader): Sentence | undefined {
  const user = read.part('ka.user.name');
  const verb = read.text('ka.verb');
  const resource = read.part('ka.target.resource');
  if (user === undefined || verb === undefined || resource === undefined) return undefined;
  const sub = read.part('ka.target.subresource');
  const name = read.part('ka.target.name', 'ka.resp.name');
  const namespace = read.part('ka.target.namespace');
  const code = read.part('ka.response.code');
  const isRefused = code !== undefined && /^[45]/.test(code.value);
  const act: Sentence =
    sub?.value === 'exec' || sub?.value === 'attach'
      ? [isRefused ? 'tried to open a session in ' : 'opened a session in ']
      : [isRefused ? `tried to ${verb} ` : `${pastOf[verb] ?? verb} `];
  return [
    ...[user, ' ', ...act, resource],
    ...(name === undefined ? [] : [' ', name]),
    ...(namespace === undefined ? [] : [' in namespace ', namespace]),
    ...(isRefused ? [' and was refused with ', code] : []),
    '.',
  ];
}

/** Of what plugins for clouds and repositories tell: who did what from where. */
function ofService(read: FieldReader): Sentence | undefined {
  const user = read.part('ct.user', 'okta.actor.alternateid', 'okta.actor.name', 'github.user', 'gcp.user');
  const act = read.part('ct.name', 'okta.evt.type', 'github.action', 'gcp.methodName');
  if (user === undefined || act === undefined) return undefined;
  const region = read.part('ct.region', 'github.repo', 'gcp.projectId');
  const from = read.part('ct.srcip', 'okta.client.ip', 'gcp.callerIP');
  return [
    ...[user, ' did ', act],
    ...(region === undefined ? [] : [' in ', region]),
    ...(from === undefined ? [] : [' from ', from]),
    '.',
  ];
}

/** The alert's own output, where no sentence can be made. */
export function sentenceOf(alert: Pick<Alert, 'fields' | 'output'>): readonly Part[] {
  const read = new FieldReader(alert.fields);
  const sentence = ofSyscall(read) ?? ofKubernetesAudit(read) ?? ofService(read);
  return sentence?.filter((part) => part !== '') ?? [alert.output];
}
