/** All outputs there are, in the order in which each alert goes to them. */

import { file } from './file.ts';
import { http } from './http.ts';
import { program } from './program.ts';
import { stdout } from './stdout.ts';
import { syslog } from './syslog.ts';

export const directRoster = [file, stdout, syslog, program, http] as const;
