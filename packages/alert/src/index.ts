export { type Alert, type AlertValue, type Priority, priorities } from './alert.ts';
