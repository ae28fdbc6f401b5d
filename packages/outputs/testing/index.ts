/** What tests of other packages may use: servers that are real. */

export { type Certificates, createCertificates } from './certificates.ts';
export {
  type HttpReceiver,
  openHttpReceiver,
  type ReceivedRequest,
  type ReceiverAnswer,
} from './http-receiver.ts';
export { type PostgresServer, postgresObstacle, startPostgres } from './postgres-server.ts';
export { sampleAlert, sampleAlerts } from './sample-alerts.ts';
