/**
 * Paths as the caller named them, joined and normalised; symbolic links are never followed. HOT: a path that was
 * met before costs one map lookup and no allocation.
 */

const SLASH = 47;
const DOT = 46;
/** Bytes; a longer path is not resolved. */
const LONGEST_PATH = 1_024;
const TOO_LONG = '/DIR_TOO_LONG/FILENAME_TOO_LONG';

/** Base of a path that is relative to a directory fd that no table knows. */
export const UNKNOWN_BASE = '<UNKNOWN>';

/**
 * `path` seen from `base` (a directory, with or without trailing slash). Empty stays empty; an absolute path leaves
 * the base out. No `.`, `..`, `//` or trailing slash is left; `..` never climbs above `/`.
 */
export function resolvePath(base: string, path: string): string {
  if (path.length === 0) return '';
  if (path.charCodeAt(0) === SLASH) {
    if (path.length > LONGEST_PATH) return TOO_LONG;
    return isClean(path) ? path : normalise(path);
  }
  if (base.length + path.length + 1 > LONGEST_PATH) return TOO_LONG;
  const joined = needsSlash(base) ? `${base}/${path}` : base + path;
  return isClean(joined) ? joined : normalise(joined);
}

/** COMPAT: an unknown base goes straight before the path (libs 0.25, event.cpp). */
function needsSlash(base: string): boolean {
  return base.length > 0 && base.charCodeAt(base.length - 1) !== SLASH && base !== UNKNOWN_BASE;
}

/** Absolute, and nothing for `normalise` to do. */
function isClean(path: string): boolean {
  const length = path.length;
  if (length === 0 || path.charCodeAt(0) !== SLASH) return false;
  if (length === 1) return true;
  for (let i = 1; i < length; i++) {
    if (path.charCodeAt(i - 1) !== SLASH) continue;
    const code = path.charCodeAt(i);
    if (code === SLASH || code === DOT) return false;
  }
  return path.charCodeAt(length - 1) !== SLASH;
}

/** A path without a leading slash (its base is not known) keeps none, and `..` may not leave it. */
function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return (path.charCodeAt(0) === SLASH ? '/' : '') + parts.join('/');
}

/** The directory with its trailing slash, as `Process.cwd` holds it. */
export function asDirectory(path: string): string {
  return path.charCodeAt(path.length - 1) === SLASH ? path : `${path}/`;
}

/** Remembers what `resolvePath` gave. Its ceiling is a count of entries; when it is reached everything is forgotten. */
export class PathCache {
  readonly #limit: number;
  readonly #absolute = new Map<string, string>();
  readonly #relative = new Map<string, Map<string, string>>();
  #relativeCount = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  resolve(base: string, path: string): string {
    if (path.length === 0) return '';
    return path.charCodeAt(0) === SLASH ? this.#resolveAbsolute(path) : this.#resolveRelative(base, path);
  }

  #resolveAbsolute(path: string): string {
    const known = this.#absolute.get(path);
    if (known !== undefined) return known;
    if (this.#absolute.size >= this.#limit) this.#absolute.clear();
    const resolved = resolvePath('', path);
    this.#absolute.set(path, resolved);
    return resolved;
  }

  #resolveRelative(base: string, path: string): string {
    let ofBase = this.#relative.get(base);
    const known = ofBase?.get(path);
    if (known !== undefined) return known;
    if (this.#relativeCount >= this.#limit) {
      this.#relative.clear();
      this.#relativeCount = 0;
      ofBase = undefined;
    }
    if (ofBase === undefined) {
      ofBase = new Map();
      this.#relative.set(base, ofBase);
    }
    const resolved = flat(resolvePath(base, path));
    ofBase.set(path, resolved);
    this.#relativeCount++;
    return resolved;
  }
}

/** One string in place of a tree of joins, so that each later comparison is cheap. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
