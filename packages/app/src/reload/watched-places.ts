/** Where on the disk something must happen before a path can mean something else. */

import { lstatSync, readlinkSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';

/** Names that matter in a folder; `every`: whatever happens in it matters. */
export type NamesOfInterest = Set<string> | 'every';

/** Links followed for one path; more than that the kernel does not follow either. */
const MOST_LINKS = 40;

/**
 * Folders to watch, none of them a link, with the names in them that matter: each step of each path, through every
 * link, as far as there is something; and all of a folder that a path leads to.
 */
export function placesOf(paths: readonly string[]): ReadonlyMap<string, NamesOfInterest> {
  const places = new Map<string, NamesOfInterest>();
  for (const path of paths) addPlaces(resolve(path), places);
  return places;
}

function addPlaces(path: string, places: Map<string, NamesOfInterest>): void {
  let folder = '/';
  let steps = stepsOf(path);
  for (let linkCount = 0; steps.length > 0; ) {
    const [name = '', ...rest] = steps;
    addName(places, folder, name);
    const here = join(folder, name);
    const found = find(here);
    if (found === undefined) return;
    if (found.link !== undefined) {
      if (++linkCount > MOST_LINKS) return;
      if (isAbsolute(found.link)) folder = '/';
      steps = [...stepsOf(found.link), ...rest];
      continue;
    }
    if (!found.isFolder) return;
    folder = here;
    steps = rest;
  }
  places.set(folder, 'every');
}

/** Steps up count as steps: `join` takes them, and by then the folder before them is no link. */
function stepsOf(path: string): readonly string[] {
  return path.split('/').filter((step) => step !== '' && step !== '.');
}

function addName(places: Map<string, NamesOfInterest>, folder: string, name: string): void {
  const names = places.get(folder);
  if (names === 'every') return;
  if (names === undefined) places.set(folder, new Set([name]));
  else names.add(name);
}

/** What is there, as far as anybody can tell. */
function find(path: string): { readonly isFolder: boolean; readonly link: string | undefined } | undefined {
  try {
    const stat = lstatSync(path);
    return { isFolder: stat.isDirectory(), link: stat.isSymbolicLink() ? readlinkSync(path) : undefined };
  } catch {
    return undefined;
  }
}
