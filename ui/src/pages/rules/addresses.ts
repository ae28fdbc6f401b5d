/** Addresses of the pages about rules. */

/** One rule. */
export function addressOfRule(name: string): string {
  return `/rules/${encodeURIComponent(name)}`;
}

/** A file of rules; `line`, from 1, is where the caret goes. */
export function addressOfFile(name: string, line?: number): string {
  return `/rules-files/${encodeURIComponent(name)}${line === undefined ? '' : `?line=${line}`}`;
}

/** The file that is changed from here, with an entry that changes a rule of another file. */
export function addressOfChange(file: string, rule: string): string {
  return `/rules-files/${encodeURIComponent(file)}?change=${encodeURIComponent(rule)}`;
}

/** Its earlier versions. */
export function addressOfVersions(name: string): string {
  return `/rules-files/${encodeURIComponent(name)}/versions`;
}
