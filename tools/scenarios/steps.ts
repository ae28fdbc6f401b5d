/** The steps of a scenario as events, in order, with the time at which each happens. */

import type { EventView, ParamValue } from '@peregrine/events';
import { parseAddress } from './addresses.ts';
import type { OpenPurpose, Scenario, ScenarioProcess, Step } from './scenario.ts';
import { eventNamed, failure, flagBits, type NamedValues, typeNamed } from './wire.ts';
import { type Actor, actorOf, containerIdOf, createActors, NANOSECONDS, START_NS, uidOf } from './world.ts';

const FIRST_CHILD_PID = 5_000;
const MILLISECOND_NS = 1_000_000n;
const WORKING_DIRECTORY = -100;

const openFlags: Readonly<Record<OpenPurpose, string>> = {
  read: 'O_RDONLY',
  write: 'O_WRONLY',
  append: 'O_WRONLY|O_CREAT|O_APPEND',
  truncate: 'O_WRONLY|O_CREAT|O_TRUNC',
  create: 'O_WRONLY|O_CREAT|O_TRUNC|O_F_CREATED',
};

export interface ScenarioEvents {
  /** Those that are there from the beginning. */
  readonly actors: readonly Actor[];
  readonly views: readonly EventView[];
}

export function eventsOf(scenario: Scenario): ScenarioEvents {
  const actors = new Map(createActors(scenario));
  const initial = [...actors.values()];
  const views: EventView[] = [];
  let timeNs = START_NS;
  let nextPid = FIRST_CHILD_PID;
  const emit = (name: string, tid: number, values: NamedValues): void => {
    timeNs += MILLISECOND_NS;
    views.push(eventNamed(name, tid, timeNs, values));
  };
  const actorLabelled = (label: string): Actor => {
    const actor = actors.get(label);
    if (actor === undefined) throw new Error(`no process is labelled \`${label}\``);
    return actor;
  };

  for (const values of containerEvents(scenario)) emit('asyncevent', -1, values);
  for (const step of scenario.steps) {
    if (step.kind === 'wait') {
      timeNs += BigInt(step.seconds) * NANOSECONDS;
      continue;
    }
    const actor = actorLabelled(step.by);
    switch (step.kind) {
      case 'spawn': {
        const child = childOf(actor, step, nextPid++, scenario);
        emit('clone', child.pid, cloneValues(actor, child));
        emit(
          'execve',
          child.pid,
          execValues(step.error === undefined ? child : { ...actor, pid: child.pid }, step),
        );
        actors.set(step.as, child);
        break;
      }
      case 'open':
        emit('openat', actor.pid, {
          fd: step.error === undefined ? step.fd : failure(step.error),
          dirfd: WORKING_DIRECTORY,
          name: step.path,
          flags: flagBits('file_flags', openFlags[step.purpose]),
          mode: 0o644,
        });
        break;
      case 'connect':
        emit('socket', actor.pid, socketValues(step));
        emit('connect', actor.pid, connectValues(step));
        break;
      case 'event':
        emit(
          step.name,
          actor.pid,
          valuesOf(step, (label) => actors.get(label)?.pid),
        );
    }
  }
  return { actors: initial, views };
}

type StepOf<K extends Step['kind']> = Extract<Step, { readonly kind: K }>;

/** What a runtime would have told of containers of which the scenario says something. */
function containerEvents(scenario: Scenario): readonly NamedValues[] {
  return [...scenario.containers].flatMap(([label, { image, isPrivileged }]) => {
    if (image === undefined && isPrivileged === undefined) return [];
    const fullId = containerIdOf(label, scenario);
    const [repository = '', tag = 'latest'] = (image ?? '').split(':');
    const container = {
      type: 0,
      id: fullId.slice(0, 12),
      full_id: fullId,
      name: label,
      image: image ?? '',
      imagerepo: repository,
      imagetag: tag,
      privileged: isPrivileged ?? false,
    };
    return [{ plugin_id: 0, name: 'container', data: `${JSON.stringify({ container })}\0` }];
  });
}

function childOf(parent: Actor, step: StepOf<'spawn'>, pid: number, scenario: Scenario): Actor {
  const [program = '', ...args] = step.words;
  const process: ScenarioProcess = {
    ...parent.process,
    name: step.name ?? program.slice(program.lastIndexOf('/') + 1).slice(0, 15),
    exepath: step.exepath ?? (program.startsWith('/') ? program : `/usr/bin/${program}`),
    args,
    user: step.user ?? parent.process.user,
    tty: step.tty ?? parent.process.tty,
    cwd: step.cwd ?? parent.process.cwd,
    capabilities: step.capabilities ?? parent.process.capabilities,
  };
  return actorOf(process, pid, parent.pid, scenario);
}

function cloneValues(parent: Actor, child: Actor): NamedValues {
  return {
    ...programValues(parent, parent.process.exepath),
    res: 0,
    tid: child.pid,
    pid: child.pid,
    ptid: parent.pid,
    vtid: child.pid,
    vpid: child.pid,
    uid: parent.uid,
    gid: parent.uid,
  };
}

function execValues(actor: Actor, step: StepOf<'spawn'>): NamedValues {
  const [program = ''] = step.words;
  const flags = [
    ...(step.isUpperLayer ? ['EXE_UPPER_LAYER'] : []),
    ...(step.isFromMemory ? ['EXE_FROM_MEMFD'] : []),
  ];
  const uid = uidOf(actor.process.user);
  return {
    ...programValues(actor, program),
    res: step.error === undefined ? 0 : failure(step.error),
    tid: actor.pid,
    pid: actor.pid,
    ptid: actor.parentPid,
    tty: actor.process.tty,
    vpgid: actor.pid,
    loginuid: actor.process.tty === 0 ? 0xffff_ffff : 1_000,
    flags: flags.length === 0 ? 0 : flagBits('execve_flags', flags.join('|')),
    cap_permitted: actor.capabilities,
    cap_effective: actor.capabilities,
    uid,
    trusted_exepath: actor.process.exepath,
    pgid: actor.pid,
    gid: uid,
    filename: program,
  };
}

/** What clone and execve events have in common. */
function programValues(actor: Actor, exe: string): NamedValues {
  return {
    exe,
    args: actor.process.args.map((word) => `${word}\0`).join(''),
    cwd: actor.process.cwd,
    fdlimit: 1_024,
    comm: actor.process.name,
    cgroups: actor.cgroups,
  };
}

function socketValues(step: StepOf<'connect'>): NamedValues {
  return {
    fd: step.fd,
    domain: flagBits('socket_families', step.address.includes(':') ? 'AF_INET6' : 'AF_INET'),
    type: step.protocol === 'udp' ? 2 : 1,
    proto: step.protocol === 'udp' ? 17 : 6,
  };
}

function connectValues(step: StepOf<'connect'>): NamedValues {
  const ip = parseAddress(step.address);
  const sourceIp = parseAddress(typeof ip === 'number' ? '192.0.2.20' : '2001:db8::20');
  return {
    res: step.error === undefined ? 0 : failure(step.error),
    tuple: { family: 'inet', sourceIp, sourcePort: 40_000, destinationIp: ip, destinationPort: step.port },
    fd: step.fd,
    addr: { family: 'inet', ip, port: step.port },
  };
}

/** Texts become what the parameter's type wants: bits by name, errors by name, processes by label. */
function valuesOf(step: StepOf<'event'>, pidOf: (label: string) => number | undefined): NamedValues {
  const type = typeNamed(step.name);
  return Object.fromEntries(
    Object.entries(step.params).map(([name, value]): [string, ParamValue] => {
      const param = type.params.find((candidate) => candidate.name === name);
      if (typeof value === 'number' || param === undefined) return [name, value];
      if (param.flags !== undefined) return [name, flagBits(param.flags, value)];
      if (param.type === 'PID') return [name, pidOf(value)];
      if (param.type === 'ERRNO' || param.type === 'FD') return [name, failure(value)];
      return [name, value];
    }),
  );
}
