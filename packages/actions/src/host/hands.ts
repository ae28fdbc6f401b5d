/** What the process that acts on this machine is made of, and whoever starts it. */

export { deedRoster } from './deeds/roster.ts';
export { orderText, type ProgramOrder } from './deeds/run.ts';
export { connectHands, type HandsConnection } from './hands-client.ts';
export type { HandsPort } from './hands-port.ts';
export { type HandsServerOptions, serveHands } from './hands-server.ts';
export { defaultHandsSettings, type HandsSettings, handsSettings } from './hands-settings.ts';
export { openLinuxCalls } from './linux/calls.ts';
export { seesAllProcesses } from './linux/process-facts.ts';
