/** What fields are good for in exceptions: whether their values last, and who chooses them. */

/** Another value each time: alone they hide nothing tomorrow. */
const passing =
  /^(?:evt\.(?:time.*|num|rawtime.*|datetime.*|latency.*|duration.*|hostname|cpu|arg.*|args|info)|(?:proc|thread)\.(?:v?pid|v?tid|ppid|sid|s?vpgid|pgid|duration|ppid\.duration|pid\.ts|ppid\.ts|.*\.ts|vmsize|vmrss|nthreads|.*ino.*|cgroup.*|stdin.*)|container\.(?:id|full_id|name|start_ts|duration|ip|.*label.*)|k8s\.pod\.(?:id|uid|name|ip|sandbox_id|full_sandbox_id|cni.*)|fd\.(?:num|ino|dev|cport|lport|.*uid.*)|ka\.(?:auditid|stage|req\.pod\.name)|jevt\.(?:time|rawtime).*)$/;

/** Whoever is let in can have these as they like. */
const chosen =
  /^(?:(?:proc|thread)\.(?:name|pname|aname.*|cmdline|pcmdline|acmdline.*|args|exe|aexe.*|pexe|env.*|cmdnargs|cmdlenargs|sname|exeline)|fd\.(?:name|filename|directory|nameraw)|evt\.arg.*|evt\.abspath.*|fs\.path\..*|ka\.(?:useragent|req\.pod\..*|resp\.name|target\.name|req\..*))$/;

/** Command lines: nearly always another one, and whatever one likes. */
const lines = /(?:cmdline|args|exeline|\.env)/;

export function isPassing(field: string): boolean {
  return passing.test(field);
}

export function isChosen(field: string): boolean {
  return chosen.test(field);
}

export function isCommandLine(field: string): boolean {
  return lines.test(field);
}

/** What makes an exception, the telling fields first; those that are not here are offered, but not proposed. */
export const proposedFields: readonly string[] = [
  'k8s.ns.name',
  'k8s.deployment.name',
  'k8s.daemonset.name',
  'container.image.repository',
  'proc.exepath',
  'proc.name',
  'proc.pname',
  'user.name',
  'fd.name',
  'ka.user.name',
  'ka.verb',
  'ka.target.resource',
  'ka.target.namespace',
  'ka.target.name',
  'ct.user',
  'ct.name',
  'ct.src',
  'github.user',
  'github.repo',
];
