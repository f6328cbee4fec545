/** The flags of `cimd2 send` that say how a message travels, and the options they come to. */
import { Flags } from '@oclif/core';
import type { MessageClass } from '../../core/codec/data-coding.ts';
import { nationalChoices } from '../../core/codec/national-language.ts';
import { allFinalReports } from '../../core/codec/status-codes.ts';
import { phoneFlag, valueOrThrow } from '../flags.ts';
import {
  codings,
  type MessageOptions,
  parseHexBytes,
  parseTimeChoice,
  parseValidity,
  plainMessage,
  type TimeChoice,
} from './message-options.ts';

const validityFlag = Flags.custom<TimeChoice>({
  helpValue: 'TIME',
  parse: async (text) => valueOrThrow(parseValidity(text)),
});

const timeFlag = Flags.custom<TimeChoice>({
  helpValue: 'TIME',
  parse: async (text) => valueOrThrow(parseTimeChoice(text)),
});

/** Also that of `--raw`. */
export const hexFlag = Flags.custom<Uint8Array>({
  helpValue: 'HEX',
  parse: async (text) => valueOrThrow(parseHexBytes(text)),
});

export const messageFlags = {
  from: phoneFlag({ description: 'originator (023), as far as the account may choose it; its own number if left out' }),
  alphanumeric: Flags.string({
    description: 'a name as originator (027), 11 characters at most; needs a permission',
    helpValue: 'NAME',
    exclusive: ['from'],
  }),
  coding: Flags.option({
    description: 'auto takes the GSM alphabet where everything fits it; with binary TEXT is hex',
    options: codings,
    default: 'auto',
  })(),
  national: Flags.option({
    description: 'national shift tables that may be used where they make fewer parts',
    options: nationalChoices,
    default: 'off',
  })(),
  header: hexFlag({ description: 'user data header (032), from its length octet on' }),
  flash: Flags.boolean({
    description: 'shown at once and not kept by the handset: class 0',
    exclusive: ['class', 'dcs'],
  }),
  class: Flags.integer({
    description: 'message class: 0 flash, 1 handset, 2 SIM, 3 terminal',
    min: 0,
    max: 3,
    exclusive: ['dcs'],
  }),
  dcs: Flags.integer({ description: 'coding scheme (030) as it is; decides the coding', min: 0, max: 255 }),
  validity: validityFlag({
    description: 'how long the SMSC shall try: 2h, a time, or once; its own choice if left out',
  }),
  'first-delivery': timeFlag({
    description: 'when it shall try first: 2h, 2026-11-23T08:00+02:00, or 12 digits in its own time',
  }),
  report: Flags.boolean({
    description: 'ask for a status report on every final event; --wait delivered does by itself',
    exclusive: ['report-bits'],
  }),
  'report-bits': Flags.integer({
    description:
      'which events to report (056): sum of 1 temporary error, 2 expired, 4 failed, 8 delivered, 16 cancelled, 32 deleted, 64 first temporary result',
    min: 0,
    max: 127,
  }),
  priority: Flags.integer({ description: 'priority (067), 1 is the highest', min: 1, max: 9 }),
  'reply-path': Flags.boolean({ description: 'let the answer take the same way back (055)' }),
  pid: Flags.integer({
    description: 'protocol identifier (052); 65 to 71 replace an earlier message',
    min: 0,
    max: 255,
  }),
  cancel: Flags.boolean({
    description: 'whether a cancel (06) may end it (058); the SMSC decides if left out',
    allowNo: true,
  }),
  'tariff-class': Flags.integer({ description: 'tariff class (064)', min: 0, max: 99 }),
  'service-description': Flags.integer({ description: 'service description (065)', min: 0, max: 99 }),
} as const;

/** What oclif parsed of these flags. */
export interface MessageFlagValues {
  readonly from: string | undefined;
  readonly alphanumeric: string | undefined;
  readonly coding: MessageOptions['coding'];
  readonly national: MessageOptions['national'];
  readonly header: Uint8Array | undefined;
  readonly flash: boolean;
  readonly class: number | undefined;
  readonly dcs: number | undefined;
  readonly validity: TimeChoice | undefined;
  readonly 'first-delivery': TimeChoice | undefined;
  readonly report: boolean;
  readonly 'report-bits': number | undefined;
  readonly priority: number | undefined;
  readonly 'reply-path': boolean;
  readonly pid: number | undefined;
  readonly cancel: boolean | undefined;
  readonly 'tariff-class': number | undefined;
  readonly 'service-description': number | undefined;
}

/** @param wait `delivered` needs a report, whatever else is said */
export function messageOptionsOf(flags: MessageFlagValues, wait: 'accepted' | 'delivered'): MessageOptions {
  const isReportWanted = flags.report || wait === 'delivered';
  return {
    from: flags.from,
    alphanumeric: flags.alphanumeric,
    coding: flags.coding,
    national: flags.national,
    header: flags.header ?? plainMessage.header,
    // The flag's range is that of the type.
    messageClass: flags.flash ? 0 : (flags.class as MessageClass | undefined),
    dataCoding: flags.dcs,
    validity: flags.validity,
    firstDelivery: flags['first-delivery'],
    reportBits: flags['report-bits'] ?? (isReportWanted ? allFinalReports : undefined),
    priority: flags.priority,
    replyPath: flags['reply-path'] ? 'ask' : 'none',
    protocolId: flags.pid,
    cancel: flags.cancel === undefined ? undefined : flags.cancel ? 'allow' : 'forbid',
    tariffClass: flags['tariff-class'],
    serviceDescription: flags['service-description'],
  };
}
