/** Rules for tests of the pages about rules: those that alerts of the fixture come from, hostile ones, and many. */

export const PACKAGE_RULE = 'Launch package management in container';
export const HOSTILE_RULE =
  '<img src=x onerror="alert(1)"><script>alert(2)</script> \u202egnp.exe\u202c 日本語 한국어 Größe v1.2/3?#%41';
export const LONG_RULE = `Long ${'name '.repeat(180)}end`;

const rule = (name: string, condition: string, more = ''): string =>
  `- rule: ${JSON.stringify(name)}\n  desc: ${JSON.stringify(`What ${name} says.`)}\n  condition: ${condition}\n  output: told\n  priority: NOTICE\n${more}`;

/** `many`: so many more, none of which fires. */
export function rulesText(many = 0): string {
  return `- list: package_managers
  items: [apt-get, dnf]

- macro: spawned
  condition: (evt.type in (execve, execveat))

- macro: package_manager_runs
  condition: (spawned and proc.name in (package_managers))

- rule: ${PACKAGE_RULE}
  desc: A package manager runs in a container.
  condition: package_manager_runs and container.id != host
  output: Package manager run (command=%proc.cmdline)
  priority: WARNING
  tags: [container, mitre_persistence, T1059.004]
  exceptions:
    - name: builders
      fields: [container.image.repository]
      comps: [=]
      values:
        - [registry.example/base/builder]

${rule('Terminal shell in container', 'spawned and proc.name = bash', '  tags: [container, shell]\n')}
${rule('Sleeping rule', 'spawned and proc.name = sleep', '  enabled: false\n')}
${rule('Audit rule', 'ka.verb = delete', '  source: k8s_audit\n')}
${rule(HOSTILE_RULE, 'spawned and proc.name = evil', '  tags: ["<b>x</b>"]\n')}
${rule(LONG_RULE, 'spawned and proc.name = long')}
${Array.from({ length: many }, (_, i) => rule(`Numbered ${String(i).padStart(4, '0')}`, `spawned and proc.name = n${i}`, `  tags: [numbered, set${i % 7}]\n`)).join('\n')}`;
}

/** Rules as somebody writes them here, in two versions. */
export const writtenRules: readonly (readonly [text: string, comment: string])[] = ['NOTICE', 'CRITICAL'].map(
  (priority) => [
    `# Rules of the platform team
- list: shells_of_users
  items: [bash, zsh, sh]

- macro: in_production
  condition: (k8s.ns.name in (shop, billing))

- rule: Terminal shell in container
  desc: Somebody opened a shell in a container, which nobody needs in production.
  condition: >
    evt.type in (execve, execveat) and container.id != host
    and proc.name in (shells_of_users)
    and (in_production or not proc.pname = cron)
  output: Shell in a container (user=%user.name command=%proc.cmdline)
  priority: ${priority}
  tags: [container, shell, mitre_execution, T1059.004]
  exceptions:
    - name: debugging
      fields: [container.image.repository]
      comps: [=]
      values:
        - [registry.example/tools/debug]
${priority === 'NOTICE' ? '' : '        - [registry.example/tools/profiler]\n'}
- rule: Launch package management in container
  desc: A package manager runs in a container, whose contents should come from its image.
  condition: >
    evt.type in (execve, execveat) and container.id != host
    and proc.name in (apt-get, dnf, apk)
  output: Package manager run (command=%proc.cmdline)
  priority: WARNING
  tags: [container, mitre_persistence]
`,
    priority === 'NOTICE' ? 'shells in production' : 'nobody may open a shell there; profiling is fine',
  ],
);
