/** Fields of what GitHub tells through webhooks. */

import type { At, ReadItems } from '../json/json-event.ts';
import { type JsonField, list, part as partAt, text } from '../json/json-field.ts';

function part(doc: string, path: readonly string[], examples: readonly string[] = []): JsonField {
  return partAt({ doc, path, examples });
}

/** Files that the commits of a push name. */
function filesOf(change: 'added' | 'modified' | 'removed') {
  return (at: At): ReadItems => {
    const commits = at.itemsOrNone('commits');
    return (event) => commits(event)?.flatMap((commit) => commit.member(change)?.items() ?? []);
  };
}

export const githubFieldRoster: Readonly<Record<string, JsonField>> = {
  'github.type': part(
    'Kind of event, as the request’s header names it.',
    ['webhook_type'],
    ['push', 'repository'],
  ),
  'github.action': part('What happened to it.', ['action'], ['deleted']),
  'github.user': part('Who did it.', ['sender', 'login']),
  'github.repo': part('Address of the repository.', ['repository', 'html_url']),
  'github.repo.name': part(
    'Owner and name of the repository.',
    ['repository', 'full_name'],
    ['example/shop'],
  ),
  'github.repo.public': text({
    doc: 'Whether everybody can read the repository.',
    value: (at) => {
      const privateOf = at('repository', 'private');
      return (event) => {
        const isPrivate = privateOf(event);
        return typeof isPrivate === 'boolean' ? !isPrivate : undefined;
      };
    },
  }),
  'github.org': part('Organisation.', ['organization', 'login']),
  'github.owner': part('Owner of the repository.', ['repository', 'owner', 'login']),
  'github.ref': part('Branch or tag.', ['ref'], ['refs/heads/main']),
  'github.forced': part('Whether a push rewrote history.', ['forced']),
  'github.collaborator.name': part('Who was given rights, or lost them.', ['member', 'login']),
  'github.collaborator.role': part('The rights.', ['changes', 'permission', 'to']),
  'github.webhook.id': part('Id of a webhook that was changed.', ['hook', 'id']),
  'github.webhook.type': part('Kind of that webhook.', ['hook', 'type']),
  'github.workflow.name': part('Name of a workflow.', ['workflow', 'name']),
  'github.workflow.conclusion': part('How a run of it ended.', ['workflow_run', 'conclusion'], ['failure']),
  'github.commit.added': list({ doc: 'Files that a push adds.', values: filesOf('added') }),
  'github.commit.modified': list({
    doc: 'Files that a push changes.',
    values: filesOf('modified'),
  }),
  'github.commit.removed': list({
    doc: 'Files that a push removes.',
    values: filesOf('removed'),
  }),
};
