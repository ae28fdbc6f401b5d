/** Names of signals, as x86 and ARM number them. */

const NAMES =
  'SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM ' +
  'SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO ' +
  'SIGPWR SIGSYS';

const nameByNumber: readonly (string | undefined)[] = [undefined, ...NAMES.split(' ')];

/** `undefined` for 0 and for real-time signals. */
export function signalName(number: number): string | undefined {
  return nameByNumber[number];
}
