/** Entry of `bin/peregrine`. */

import { start } from './start.ts';

await start('peregrine', () => import('./main.ts'));
