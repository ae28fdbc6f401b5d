/** What tests of other packages may use: servers that are real. */

export { type PostgresServer, postgresObstacle, startPostgres } from './postgres-server.ts';
