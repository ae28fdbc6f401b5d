/** Where the pages of the web interface are, once they are built. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** `undefined`: they were not built. */
export function findPages(): string | undefined {
  const folder = join(import.meta.dirname, '..', '..', '..', '..', 'build', 'ui');
  return existsSync(join(folder, 'index.html')) ? folder : undefined;
}
