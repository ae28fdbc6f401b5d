/** Moments that are no calls: watched when asked for. Root and BTF needed. */

import { describe, expect, test } from 'vitest';
import { kernelObjectsOf } from '../../testing/kernel-objects.ts';
import { liveObstacle } from '../../testing/live-probe.ts';
import { compileText, useLiveProbe } from '../../testing/use-live-probe.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'moments' : `moments (skipped: ${obstacle})`;

describe.skipIf(obstacle !== undefined)(title, () => {
  const probe = useLiveProbe();

  test('a signal that arrives: from whom, to whom, which', async () => {
    probe.source.select(['signal_deliver']);
    const { events } = await probe.run("(trap : TERM; kill -TERM $(exec sh -c 'echo $PPID'); :)");
    const delivered = events.filter(({ name, params }) => name === 'signaldeliver' && params.sig === '15');
    expect(delivered).toHaveLength(1);
    const [{ tid, params } = { tid: 0, params: {} }] = delivered;
    expect(params).toEqual({ spid: String(tid), dpid: String(tid), sig: '15' });
    const ended = events.find(({ name, params }) => name === 'signaldeliver' && params.sig === '17');
    expect(Number(ended?.params.spid)).toBeGreaterThan(0);
  });

  test('a context switch: faults and memory of who had to stop', async () => {
    probe.source.select(['sched_switch']);
    const { events } = await probe.run('exec sleep 0.05');
    const exec = events.findIndex(({ name, params }) => name === 'execve' && params.comm === 'sleep');
    const stops = events
      .slice(exec)
      .filter(({ name, tid }) => name === 'switch' && tid === events[exec]?.tid);
    const alive = stops.filter(({ params }) => params.vm_size !== '0');
    expect(alive.length).toBeGreaterThan(0);
    expect(Number(alive.at(-1)?.params.pgft_min)).toBeGreaterThan(10);
    // The kernel counts pages for each CPU, and puts them together only when there are some dozens.
    expect(Number(alive.at(-1)?.params.vm_rss)).toBeGreaterThan(0);
  });

  test('a page fault: where, at which instruction, why', async () => {
    const code = `#include <stdio.h>
      #include <sys/mman.h>
      int main(void)
      {
        char *page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        page[10] = 1;
        printf("%lu", (unsigned long)page + 10);
      }`;
    const program = compileText('fault', code, probe.folder);
    probe.source.select(['page_fault_user', 'page_fault_kernel']);
    const { events, output } = await probe.run(`exec ${program}`);
    const faults = events.filter(({ name, params }) => name === 'page_fault' && params.addr === output);
    const NOT_PRESENT_WRITE_BY_USER = 0x2 | 0x4 | 0x10;
    expect(faults.map(({ params }) => params.error)).toEqual([String(NOT_PRESENT_WRITE_BY_USER)]);
    expect(Number(faults[0]?.params.ip)).toBeGreaterThan(0x1000);
    expect(probe.source.losses().buffer_busy).toBe(0);
  });

  test('their programs are in the kernel only while they are wanted', () => {
    const links = (): number => kernelObjectsOf(process.pid).filter(({ kind }) => kind === 'link').length;
    probe.source.select(['openat']);
    const usual = links();
    probe.source.select(['openat', 'sched_switch', 'signal_deliver']);
    expect(links()).toBe(usual + 2);
    probe.source.select(['openat']);
    expect(links()).toBe(usual);
  });
});
