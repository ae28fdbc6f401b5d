/** The probe in a kernel that lets in programs at the ends of calls: a virtual machine with Debian's own kernel. */

import { beforeAll, describe, expect, test } from 'vitest';
import { guestObstacle, runInGuest } from '../tools/guest/boot.ts';
import type { HookReports } from '../tools/guest/hook-checks.ts';

const obstacle = guestObstacle();
const LIMIT_MS = 360_000;
/** Exec, fork and exit have programs of their own in either mode, and calls of 32-bit programs come by the tracepoint. */
const PROCESS_LINKS = 4;
/** Switches, signals, page faults of either kind. */
const MOMENT_LINKS = 4;

describe.skipIf(obstacle !== undefined)(
  obstacle === undefined ? 'hook modes in a guest' : `hook modes in a guest (skipped: ${obstacle})`,
  () => {
    let reports: HookReports;

    beforeAll(async () => {
      const { status, output } = await runInGuest('tools/guest/hook-checks.ts');
      expect(status, output).toBe(0);
      reports = JSON.parse(output.trim().split('\n').at(-1) ?? '');
    }, LIMIT_MS);

    test('fexit is chosen where the kernel takes it', () => {
      expect(reports.auto.title).toBe('eBPF (fexit mode)');
      expect(reports.tracepoint.title).toBe('eBPF (tracepoint mode)');
    });

    test('both modes see the same', () => {
      expect(reports.tracepoint.events.length).toBeGreaterThan(50);
      expect(reports.auto.events).toEqual(reports.tracepoint.events);
    });

    test('in fexit mode the kernel runs nothing of ours for 64-bit calls that nobody asks for', () => {
      expect(reports.auto.links).toBeGreaterThan(PROCESS_LINKS + 80);
      expect(reports.auto.linksAfterSelect).toBe(PROCESS_LINKS + 1);
      expect(reports.auto.afterSelect).toEqual(['chdir', 'clone', 'execve', 'procexit']);
      expect(reports.tracepoint.linksAfterSelect).toBe(PROCESS_LINKS);
    });

    test('the kernel takes the programs for calls on request, and for moments', () => {
      expect(reports.auto.linksOnRequest).toBe(PROCESS_LINKS + 6);
      expect(reports.tracepoint.linksOnRequest).toBe(reports.tracepoint.links + 2 + MOMENT_LINKS);
    });

    test('the kernel’s iterators tell what /proc tells', () => {
      expect(reports.scan.procReason).toBeUndefined();
      expect(reports.scan.processCount).toBeGreaterThan(3);
      expect(reports.scan.fdCount).toBeGreaterThan(3);
      expect(reports.scan.differences).toEqual([]);
    });

    test('nothing stays in the kernel', () => {
      expect([reports.auto.objectsAfterClose, reports.tracepoint.objectsAfterClose]).toEqual([0, 0]);
    });
  },
);
