/**
 * Processes and containers that come and go: what a busy node's tables go through in a day, as fast as events can be
 * made. Every name, path, argument and container is new; ids of processes come again; some ends are never told.
 */

import type { EventView } from '@peregrine/events';
import type { StateEngine } from '../src/index.ts';
import { cloneFlag, codes, Scenario } from './scenario.ts';

/** The one process that stays. */
export const INIT = 1;
/** Ids of processes go round, as the kernel's do. */
const FIRST_TID = 1_000;
const TID_COUNT = 30_000;
/** Processes that live at a time; their tables are full of descriptors meanwhile. */
const ALIVE = 200;
/** Processes of one container. */
const PROCESSES_PER_CONTAINER = 20;
/** Of so many ends, one is missed. */
const ENDS_PER_LOSS = 50;

export class Churn {
  readonly #scenario: Scenario;
  #lifeCount = 0;
  /** Events made so far. */
  eventCount = 0;

  /** Events go to `take`, which hands them to the tables of `engine`. */
  constructor(engine: StateEngine, take: (view: EventView) => void) {
    this.#scenario = new Scenario({}, { engine, take: (view) => void take(view) });
    this.#scenario.start(INIT);
  }

  /** Processes begun so far. */
  get lifeCount(): number {
    return this.#lifeCount;
  }

  get containerCount(): number {
    return Math.ceil(this.#lifeCount / PROCESSES_PER_CONTAINER);
  }

  /** One process begins and does things, and another one, begun earlier, ends. */
  step(): void {
    const life = this.#lifeCount++;
    this.#begin(life);
    this.#work(life);
    if (life >= ALIVE) this.#end(life - ALIVE);
  }

  /** Ends all that are left. */
  finish(): void {
    for (let life = Math.max(0, this.#lifeCount - ALIVE); life < this.#lifeCount; life++) this.#end(life);
  }

  #begin(life: number): void {
    const tid = tidOf(life);
    const container = Math.floor(life / PROCESSES_PER_CONTAINER);
    const vtid = (life % PROCESSES_PER_CONTAINER) + 1;
    const cgroups = `cpuset=/docker/${fullIdOf(container)}\0memory=/docker/${fullIdOf(container)}\0`;
    const [parent, flags] = [vtid === 1 ? INIT : tidOf(life - vtid + 1), cloneFlag.childInPidns];
    const s = this.#scenario;
    s.clone({ tid: parent, result: tid, pid: parent, ptid: INIT, flags, cgroups });
    s.clone({ tid, result: 0, pid: tid, ptid: parent, flags, vtid, vpid: vtid, cgroups });
    const [args, env] = [`--number\0${life}\0--again\0${life}\0`, `RUN=${life}\0PATH=/usr/bin:/bin\0`];
    s.exec({ tid, args, env, comm: `job-${life}`, exe: `/opt/${life}/job`, cgroups });
    if (vtid === 1)
      s.event(codes.userAdded, -1, [1_000, 1_000, `user-${container}`, '/home', '/bin/sh', idOf(container)]);
    this.eventCount += vtid === 1 ? 4 : 3;
  }

  #work(life: number): void {
    const tid = tidOf(life);
    const s = this.#scenario;
    for (let fd = 3; fd < 7; fd++) s.open(tid, fd, `/var/lib/${life}/file-${fd}`);
    s.open(tid, 7, `relative-${life}`);
    s.event(codes.chdir, tid, [0, `/srv/${life}`]);
    s.event(codes.dup3, tid, [20, 3, 20, 0]);
    s.event(codes.socket, tid, [8, 2, 1, 0, 0]);
    s.event(codes.connect, tid, [
      0,
      {
        family: 'inet',
        sourceIp: life,
        sourcePort: life & 0xffff,
        destinationIp: life ^ 0x0a00_0000,
        destinationPort: 443,
      },
      8,
      undefined,
    ]);
    s.event(codes.close, tid, [0, 3]);
    s.event(codes.setuid, tid, [0, life & 0xffff]);
    this.eventCount += 11;
  }

  #end(life: number): void {
    if (life % ENDS_PER_LOSS === ENDS_PER_LOSS - 1) return;
    this.#scenario.exit(tidOf(life));
    this.eventCount++;
  }
}

function tidOf(life: number): number {
  return FIRST_TID + (life % TID_COUNT);
}

function fullIdOf(container: number): string {
  return container.toString(16).padStart(12, '0').padEnd(64, 'f');
}

function idOf(container: number): string {
  return fullIdOf(container).slice(0, 12);
}
