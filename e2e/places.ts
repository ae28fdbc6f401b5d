/** What tests begin with, anew for each, and leave nothing of: folders, servers, cgroups, tabs. */

import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import { type HttpReceiver, openHttpReceiver } from '../packages/outputs/testing/http-receiver.ts';
import { createLiveCgroup, type LiveCgroup } from '../packages/sources/testing/live-probe.ts';
import { browserObstacle, buildPages, openBrowser, Tab } from './browser.ts';
import { type Running, Scratch } from './program.ts';
import { type HubWithUi, LIMIT_MS } from './ui-program.ts';

/** A folder, something beside it, and the program that a test started, which is killed at its end. */
class Place<T> {
  #opened: { readonly scratch: Scratch; readonly beside: T } | undefined;
  running: Running | undefined;

  get scratch(): Scratch {
    return this.#there.scratch;
  }

  get beside(): T {
    return this.#there.beside;
  }

  get #there(): { readonly scratch: Scratch; readonly beside: T } {
    if (this.#opened === undefined) throw new Error('no test runs');
    return this.#opened;
  }

  async open(openBeside: () => Promise<T> | T): Promise<void> {
    this.#opened = { scratch: new Scratch(), beside: await openBeside() };
  }

  async close(closeBeside: (beside: T) => Promise<void>): Promise<void> {
    this.running?.child.kill('SIGKILL');
    await this.running?.ended;
    this.running = undefined;
    await closeBeside(this.beside);
    this.scratch.remove();
    this.#opened = undefined;
  }
}

export interface HubBench {
  readonly scratch: Scratch;
  /** Where the hub's outputs send to. */
  readonly receiver: HttpReceiver;
  running: Running | undefined;
}

/** To be called where tests are declared. */
export function useHubBench(): HubBench {
  const place = new Place<HttpReceiver>();
  beforeEach(() => place.open(openHttpReceiver));
  afterEach(() => place.close((receiver) => receiver.close()));
  return {
    get scratch() {
      return place.scratch;
    },
    get receiver() {
      return place.beside;
    },
    get running() {
      return place.running;
    },
    set running(running) {
      place.running = running;
    },
  };
}

export interface LiveBench {
  readonly scratch: Scratch;
  /** What the sensor of the test is to watch. */
  readonly cgroup: LiveCgroup;
  running: Running | undefined;
}

/** To be called where tests are declared that only run where the kernel can be watched. */
export function useLiveBench(): LiveBench {
  const place = new Place<LiveCgroup>();
  beforeEach(() => place.open(createLiveCgroup));
  afterEach(() => place.close((cgroup) => cgroup.remove()));
  return {
    get scratch() {
      return place.scratch;
    },
    get cgroup() {
      return place.beside;
    },
    get running() {
      return place.running;
    },
    set running(running) {
      place.running = running;
    },
  };
}

/** Tests that look at pages; without a browser they are skipped, and their title says why. */
export function describePages(title: string, declare: () => void): void {
  const obstacle = browserObstacle();
  describe.skipIf(obstacle !== undefined)(
    obstacle === undefined ? title : `${title} (skipped: ${obstacle})`,
    declare,
  );
}

/**
 * A browser for all tests of a file, and a tab for each, in which nothing may have gone wrong. `prepare` starts the hub and
 * fills it.
 */
export function useTab(hub: HubWithUi, prepare: () => Promise<void>): { readonly tab: Tab } {
  let browser: Browser | undefined;
  let tab: Tab | undefined;
  beforeAll(async () => {
    buildPages();
    await prepare();
    browser = await openBrowser();
  }, LIMIT_MS);
  afterAll(async () => {
    await browser?.close();
    await hub.end();
  });
  beforeEach(async () => {
    if (browser === undefined) throw new Error('there is no browser');
    tab = await Tab.open(browser, hub.uiUrl);
  });
  afterEach(async () => {
    expect(tab?.troubles).toEqual([]);
    await tab?.close();
  });
  return {
    get tab() {
      if (tab === undefined) throw new Error('no test runs');
      return tab;
    },
  };
}
