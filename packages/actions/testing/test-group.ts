/** Control groups of a test's own. */

import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Hierarchy, hierarchyFolders, membersOf } from '../src/host/linux/control-groups.ts';
import { seesAllProcesses } from '../src/host/linux/process-facts.ts';

export class TestGroup implements Disposable {
  readonly hierarchy: Hierarchy;
  readonly path: string;
  readonly folder: string;

  private constructor(hierarchy: Hierarchy, root: string, path: string) {
    this.hierarchy = hierarchy;
    this.path = path;
    this.folder = join(root, path);
    mkdirSync(this.folder);
  }

  /** Those in which this process may make groups; none where it does not see the machine's processes. */
  static usable(): readonly Hierarchy[] {
    if (!seesAllProcesses()) return [];
    return (['unified', 'freezer'] as const).filter((hierarchy) => {
      try {
        TestGroup.make(hierarchy)[Symbol.dispose]();
        return true;
      } catch {
        return false;
      }
    });
  }

  static make(hierarchy: Hierarchy, name = ''): TestGroup {
    const root = hierarchyFolders()[hierarchy];
    if (root === undefined) throw new Error(`there is no hierarchy \`${hierarchy}\``);
    return new TestGroup(
      hierarchy,
      root,
      `/peregrine-test-${crypto.randomUUID().slice(0, 8)}${name && `-${name}`}`,
    );
  }

  make(name: string): TestGroup {
    return new TestGroup(this.hierarchy, this.folder.slice(0, -this.path.length), `${this.path}/${name}`);
  }

  add(pid: number): void {
    writeFileSync(join(this.folder, 'cgroup.procs'), String(pid));
  }

  /** Its processes are ended or gone: the kernel keeps the group for a moment after. */
  [Symbol.dispose](): void {
    const deadline = Date.now() + 10_000;
    for (;;) {
      try {
        rmdirSync(this.folder);
        return;
      } catch (error) {
        if (Date.now() > deadline)
          throw new Error(`${membersOf(this).length} processes are left`, { cause: error });
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      }
    }
  }
}
