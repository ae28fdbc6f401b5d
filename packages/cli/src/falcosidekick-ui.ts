/** Entry of `bin/falcosidekick-ui`: the web interface behind the reference's command line. */

import { start } from './start.ts';

await start('falcosidekick-ui', () => import('./falcosidekick-ui/main.ts'));
