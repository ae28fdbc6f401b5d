/** What a container runtime's cgroup paths look like, and the matching that most of them share. */

/** A container as its cgroup path names it. */
export interface ContainerMatch {
  /** As rules see it: the first 12 characters of a 64-digit id, a name whole. */
  readonly id: string;
  readonly fullId: string;
  /** `docker`, `podman`... as `container.type` shows it. */
  readonly type: string;
}

/** One runtime, or several whose paths look alike. */
export interface ContainerFamily {
  readonly name: string;
  readonly doc: string;
  /** The container that a cgroup path means; `undefined` when the path is none of this family's. */
  readonly match: (path: string) => ContainerMatch | undefined;
}

/** What stands before and after the id. */
export interface IdLayout {
  readonly prefix: string;
  readonly suffix: string;
  readonly type: string;
}

const ID_DIGITS = 64;
export const SHORT_ID_LENGTH = 12;

/** The first layout whose prefix and suffix, both sought from the right, have exactly 64 hex digits between them. */
export function matchLayouts(path: string, layouts: readonly IdLayout[]): ContainerMatch | undefined {
  for (const { prefix, suffix, type } of layouts) {
    const before = path.lastIndexOf(prefix);
    const end = path.lastIndexOf(suffix);
    if (before < 0 || end < 0) continue;
    const start = before + prefix.length;
    if (end - start !== ID_DIGITS || !isHex(path, start, end)) continue;
    const fullId = path.slice(start, end);
    return { id: fullId.slice(0, SHORT_ID_LENGTH), fullId, type };
  }
  return undefined;
}

/** A container that goes by a name of any form. */
export function namedContainer(name: string, type: string): ContainerMatch | undefined {
  return name === '' ? undefined : { id: name, fullId: name, type };
}

function isHex(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i) | 32;
    if (!((code >= 48 && code <= 57) || (code >= 97 && code <= 102))) return false;
  }
  return true;
}
