/** A password for somebody else, to be changed by them. */

/** Without those that look alike. 56 signs: 20 of them have 116 bits. */
const SIGNS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const LENGTH = 20;

/** `random`: fills the array with bytes nobody can foresee. */
export function newPassword(
  random: (bytes: Uint8Array<ArrayBuffer>) => unknown = (bytes) => crypto.getRandomValues(bytes),
): string {
  const most = 256 - (256 % SIGNS.length);
  let password = '';
  while (password.length < LENGTH) {
    const bytes = new Uint8Array(LENGTH);
    random(bytes);
    // Those at the end would make some signs likelier than others.
    for (const byte of bytes)
      if (byte < most && password.length < LENGTH) password += SIGNS[byte % SIGNS.length];
  }
  return password;
}
