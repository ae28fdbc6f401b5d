/** What is left alone on a machine unless its configuration says otherwise. */

/** Folders in which files are left where they are, unless somebody says otherwise. */
export const protectedFolders: readonly string[] = [
  ...['/bin', '/sbin', '/usr', '/lib', '/lib32', '/lib64', '/libx32', '/boot', '/etc'],
  ...['/proc', '/sys', '/dev'],
];

/** Programs whose control group is never frozen or ended: whoever mends the machine comes in through them. */
export const protectedPrograms: readonly string[] = [
  'systemd',
  'init',
  'sshd',
  'dockerd',
  'containerd',
  'kubelet',
];
