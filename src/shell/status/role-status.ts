/**
 * What `GET /status` of each role says, as types: the document that `buffer status` and the like show, that metrics are made
 * of, and that `link status` reads its part of. Times are milliseconds since 1970. The role says how it is; whether that is
 * well, and what to do, is for whoever shows it.
 */
import type { GatewayState } from '../../core/im/gateway.ts';
import type { BufferHealth } from '../../core/roles/buffer/buffer-health.ts';
import type { ImServerHealth } from '../../core/roles/im-server/im-server.ts';
import type { Violations } from '../mending.ts';
import type { RoleFacts } from './role-facts.ts';

interface StoringRole extends RoleFacts {
  /** Why its store is another one since this start, if it is. */
  readonly renewed?: 'restored' | 'power-lost';
  readonly violations: Violations;
}

export interface BufferStatus extends StoringRole, BufferHealth {
  readonly schema: 'buffer.status/1';
  readonly role: 'buffer';
  /** Where it looks for them. */
  readonly smscAddress: string;
  readonly imServerUrl: string;
}

export interface ImServerStatus extends StoringRole, ImServerHealth {
  readonly schema: 'im-server.status/1';
  readonly role: 'im-server';
  readonly listen: string;
  readonly users: number;
  /** Open connections to the port, those of buffers included. */
  readonly connections: number;
  /** By type. */
  readonly gateways: Readonly<Record<string, GatewayState>>;
}
