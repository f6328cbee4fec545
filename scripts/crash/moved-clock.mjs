// Loaded in front of a role: its wall clock is off by the milliseconds in CRASH_CLOCK_FILE, which may change at any time.
// The monotonic clock is left alone, as it is when somebody sets the date.
import { readFileSync } from 'node:fs';

const file = process.env['CRASH_CLOCK_FILE'] ?? '';
const lookMs = 100;
const SystemDate = Date;
let offsetMs = Number(readFileSync(file, 'utf8'));

setInterval(() => {
  offsetMs = Number(readFileSync(file, 'utf8'));
}, lookMs).unref();

globalThis.Date = class extends SystemDate {
  constructor(...args) {
    if (args.length === 0) super(SystemDate.now() + offsetMs);
    else super(...args);
  }

  static now() {
    return SystemDate.now() + offsetMs;
  }
};
