/** What tests of other packages may use: servers that are real. */

export { type Certificates, createCertificates } from './certificates.ts';
export { type PostgresServer, postgresObstacle, startPostgres } from './postgres-server.ts';
