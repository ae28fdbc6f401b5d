/** What tags of rules say in the terms of MITRE ATT&CK, with the pages that explain it. */

import { tactics, techniques } from './mitre-table.ts';

export interface MitreLink {
  readonly id: string;
  /** As far as it is known. */
  readonly name: string;
  readonly url: string;
  readonly isTactic: boolean;
}

const BASE = 'https://attack.mitre.org';

/** Tactics first; tags of other kinds are left out, and each is named once. */
export function mitreLinks(tags: readonly string[]): readonly MitreLink[] {
  const links = new Map<string, MitreLink>();
  for (const tag of tags) {
    const link = tacticOf(tag) ?? techniqueOf(tag);
    if (link !== undefined) links.set(link.id, link);
  }
  return [...links.values()].sort((a, b) => Number(b.isTactic) - Number(a.isTactic));
}

function tacticOf(tag: string): MitreLink | undefined {
  const name = /^mitre_(\w+)$/.exec(tag)?.[1];
  if (name === undefined || !Object.hasOwn(tactics, name)) return undefined;
  const tactic = tactics[name];
  return tactic && { ...tactic, url: `${BASE}/tactics/${tactic.id}/`, isTactic: true };
}

function techniqueOf(tag: string): MitreLink | undefined {
  const [, main, sub] = /^(?:mitre_)?(T\d{4})(?:[._](\d{3}))?$/i.exec(tag) ?? [];
  if (main === undefined) return undefined;
  const number = main.toUpperCase();
  const id = sub === undefined ? number : `${number}.${sub}`;
  const name = techniques[id] ?? techniques[number] ?? id;
  return { id, name, url: `${BASE}/techniques/${id.replace('.', '/')}/`, isTactic: false };
}
