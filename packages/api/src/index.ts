export { type HttpServerOptions, openHttpServer } from './http-server.ts';
export {
  type AlertStream,
  busy,
  type HubAnswer,
  type HubRoutes,
  type HubServer,
  type HubServerOptions,
  openHubServer,
  refusal,
  type ServerTls,
  type StreamStep,
} from './hub-server.ts';
export { type HttpServer, type ListenOptions, listen, type RequestHandler } from './listener.ts';
export type { MetricFamily, MetricSample, MetricType } from './prometheus.ts';
export { renderPrometheus } from './prometheus.ts';
export { type Body, readBody } from './read-body.ts';
export { type Answer, jsonAnswer, type Route, textAnswer } from './route.ts';
export { type ServiceFacts, serviceRoutes } from './service-routes.ts';
export type {
  AccountRecords,
  AuditRecord,
  SessionRecord,
  UserRecord,
} from './ui-server/account-records.ts';
export type { ApprovalView } from './ui-server/approval-page.ts';
export { APPROVAL_PATH, type ApprovalLinks } from './ui-server/approval-requests.ts';
export {
  type AnswerOf,
  ApiError,
  type ApiHandlers,
  type ApiRequest,
  type Caller,
  type ContentReply,
  type Handler,
  type SessionOperation,
} from './ui-server/handlers.ts';
export type { OidcOptions } from './ui-server/oidc-sign-in.ts';
export { openApiDocument } from './ui-server/openapi.ts';
export { hashPassword, isPassword, weaknessOf } from './ui-server/passwords.ts';
export { isLoopback } from './ui-server/request-checks.ts';
export { openUiServer, type UiServer, type UiServerOptions } from './ui-server/ui-server.ts';
export { parseLongDuration, type UpstreamFilter, type UpstreamPorts } from './ui-server/upstream.ts';
