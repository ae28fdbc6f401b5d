/** What the configuration says of responses, read and checked, before anything is opened. */

import type { ResponsePlan } from '@peregrine/actions';
import type { Diagnostic } from '@peregrine/base';
import type { Environment } from '../hub/config/environment.ts';
import type { HubConfig } from '../hub/config/read-hub-config.ts';
import { checkNotifiers } from './check-notifiers.ts';
import { readResponseFiles } from './read-response.ts';
import { readResponseSections } from './response-sections.ts';

export interface ResponseSetup {
  readonly plan: ResponsePlan;
  /** Values of a section of the hub's configuration that actions and stores read, by its name. */
  readonly sectionSettings: (section: string) => Readonly<Record<string, unknown>>;
}

export interface LoadedResponse {
  /** `undefined` when it cannot be used. */
  readonly setup: ResponseSetup | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export function loadResponse(config: HubConfig, environment: Environment): LoadedResponse {
  const { plan, diagnostics } = readResponseFiles(config.settings.response.rulesfiles);
  const sections = readResponseSections(config.root, environment);
  return {
    setup: plan && { plan, sectionSettings: sections.settings },
    diagnostics: [
      ...diagnostics,
      ...sections.diagnostics,
      ...(plan === undefined ? [] : checkNotifiers(plan, config)),
    ],
  };
}
