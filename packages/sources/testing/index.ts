/** Servers for the tests of other packages. */

export {
  type AwsAnswer,
  type AwsRequest,
  type AwsServer,
  awsIdentity,
  startAwsServer,
} from './aws-server.ts';
export { KafkaBroker, kafkaObstacle } from './kafka-broker.ts';
export { NatsServer, natsObstacle } from './nats-server.ts';
