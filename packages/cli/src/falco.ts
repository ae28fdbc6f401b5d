/** Entry of `bin/falco`: the same engine behind the reference's command line. */

import { start } from './start.ts';

await start('falco', () => import('./falco/main.ts'));
