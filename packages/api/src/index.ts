export { type HttpServer, type HttpServerOptions, openHttpServer } from './http-server.ts';
export type { MetricFamily, MetricSample, MetricType } from './prometheus.ts';
export { renderPrometheus } from './prometheus.ts';
export type { Answer, Route } from './route.ts';
export { type ServiceFacts, serviceRoutes } from './service-routes.ts';
