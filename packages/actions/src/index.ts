export {
  type Action,
  type ActionCall,
  type ActionDeclaration,
  type ActionExample,
  type ActionOutcome,
  type ActionPorts,
  type Artifact,
  type Change,
  defineAction,
  type FunctionRequest,
  type ParameterRefusal,
  type Permission,
  type Platform,
  type RecordRequest,
} from './action.ts';
export {
  type ArtifactContext,
  type ArtifactStore,
  defineArtifactStore,
  type Kept,
} from './artifacts/artifact-store.ts';
export { artifactStores } from './artifacts/roster.ts';
export { type ContextPorts, readContext } from './contexts/read-context.ts';
export type { HandsPort, HandsRequest } from './host/hands-port.ts';
export { type HubSection, settingsOf } from './hub-section.ts';
export { postEvent } from './kubernetes/k8s-events.ts';
export type { KubePlace } from './kubernetes/kube-access.ts';
export {
  type ExecRequest,
  type ExecResult,
  KubeFailure,
  type KubeKind,
  type KubePatch,
  type KubePort,
  type ObjectPlace,
} from './kubernetes/kube-port.ts';
export { LeaderElection, type LeaseOptions, leaseTimes } from './kubernetes/lease.ts';
export { type OpenedKube, openKube } from './kubernetes/open-kube.ts';
export { permissionsOf, type RbacOptions, rbacManifests } from './kubernetes/rbac.ts';
export { kubernetesActions } from './kubernetes/roster.ts';
export { actionNamed, actionRoster } from './roster.ts';
export { responseDiagnostics } from './rules/diagnostics.ts';
export { fieldsReadBy } from './rules/fields-read.ts';
export {
  type AdditionalContext,
  type PlannedRule,
  type PlannedStep,
  platformsOf,
  type ResponsePlan,
  rulesFor,
} from './rules/plan.ts';
export { type ReadResponseRules, readResponseRules } from './rules/read-response-rules.ts';
export type { LimitReading } from './run/limits.ts';
export { protectionOf, protectionTexts } from './run/protections.ts';
export { type OrderAnswer, Responder } from './run/responder.ts';
export type { ResponderOptions } from './run/responder-options.ts';
export { targetOf } from './run/response.ts';
export {
  type Approval,
  type RunPage,
  type RunQuery,
  type RunRecord,
  type RunState,
  runStates,
  type StoredRun,
} from './run/run-record.ts';
export type { LimitSettings, ProtectionSettings, ResponderSettings } from './run/settings.ts';
export { openSqliteLedger } from './run/sqlite-ledger.ts';
export type { Found, Inspected, TargetFacts, TargetKind } from './targets/target.ts';
