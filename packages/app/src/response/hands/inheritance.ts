/** How the connection to what acts on this machine goes over to the program that takes the place of the one that made it. */

/** In the environment of that program: its process id, and the descriptor. */
const INHERITED = 'PEREGRINE_HANDS_FD';

/** For its environment. */
export function inheritance(fd: number): string {
  return `${INHERITED}=${process.pid}:${fd}`;
}

/** The descriptor that the program before this one left, once; `undefined`: it left none. */
export function inheritedDescriptor(): number | undefined {
  const [, pid, fd] = /^(\d+):(\d+)$/.exec(process.env[INHERITED] ?? '') ?? [];
  delete process.env[INHERITED];
  return pid === String(process.pid) ? Number(fd) : undefined;
}
