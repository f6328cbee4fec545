/** The settings of every role, by role: what its `start` takes, and so what may stand in its config file. */
import { bufferSettings } from '../buffer/start-settings.ts';
import { imServerSettings } from '../im/start-settings.ts';
import type { SettingsTable } from '../settings.ts';
import { startSettings } from '../smsc/start-settings.ts';
import type { ConfigRole } from './roles.ts';

export const roleTables: Readonly<Record<ConfigRole, SettingsTable>> = {
  'im-server': imServerSettings,
  buffer: bufferSettings,
  smsc: startSettings,
};
