/** Entry of `bin/falcosidekick`: the hub behind the reference's command line. */

import { start } from './start.ts';

await start('falcosidekick', () => import('./falcosidekick/main.ts'));
