/** BPF programs, maps and links in the kernel, by id: which ones a process holds, and whether they are still there. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import koffi from 'koffi';

export interface KernelObject {
  readonly kind: string;
  readonly id: number;
}

/** Those that a process holds open. */
export function kernelObjectsOf(pid: number): readonly KernelObject[] {
  const folder = `/proc/${pid}/fdinfo`;
  const objects = readdirSync(folder).flatMap((fd) => {
    const text = readIfThere(join(folder, fd));
    return [...text.matchAll(/^(prog|map|link)_id:\s*(\d+)$/gm)].map(([, kind = '', id]) => ({
      kind,
      id: Number(id),
    }));
  });
  return [...new Map(objects.map((object) => [`${object.kind} ${object.id}`, object])).values()];
}

/** Empty for a descriptor that was closed meanwhile: the one that listed the folder is. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Asks the kernel for a descriptor of the object, and gives it back. */
export function isInKernel({ kind, id }: KernelObject): boolean {
  const open = koffi.load('libbpf.so.1').func(`int bpf_${kind}_get_fd_by_id(uint32_t id)`);
  const fd: number = open(id);
  if (fd < 0) return false;
  koffi.load('libc.so.6').func('int close(int fd)')(fd);
  return true;
}
