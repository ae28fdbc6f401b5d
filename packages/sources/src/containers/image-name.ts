/** Names of images, taken apart. */

export interface ImageName {
  readonly repository: string;
  /** `''` when the name has none. */
  readonly tag: string;
  /** `sha256:...`, or `''`. */
  readonly digest: string;
}

/** `registry:5000/team/web:1.2@sha256:...`: a colon in front of the last slash belongs to the registry. */
export function parseImageName(name: string): ImageName {
  const at = name.indexOf('@');
  const plain = at < 0 ? name : name.slice(0, at);
  const digest = at < 0 ? '' : name.slice(at + 1);
  const colon = plain.lastIndexOf(':');
  if (colon < 0 || colon < plain.lastIndexOf('/')) return { repository: plain, tag: '', digest };
  return { repository: plain.slice(0, colon), tag: plain.slice(colon + 1), digest };
}

/** A digest without a name, which some runtimes give in place of one. */
export function isBareDigest(name: string): boolean {
  return name === '' || /^sha256(:|$)/.test(name);
}
