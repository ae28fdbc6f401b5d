/** The machine's log daemon, for the program's own messages. */

export { openSystemLog, type SystemLog } from '@peregrine/outputs/system-log';
