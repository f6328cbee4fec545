/** The roles that have a config file. */
export const configRoles = ['im-server', 'buffer', 'smsc'] as const;

export type ConfigRole = (typeof configRoles)[number];
