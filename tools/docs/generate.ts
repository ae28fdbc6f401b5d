/** `npm run docs`: writes docs/reference anew. */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { renderPages } from './pages.ts';

const folder = resolve(import.meta.dirname, '..', '..', 'docs', 'reference');

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, text] of await renderPages()) writeFileSync(join(folder, name), text);
