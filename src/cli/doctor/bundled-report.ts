/**
 * What `doctor` puts into a bundle beside rings and recordings: what it found, versions, config files without secrets, and how
 * each role is. Numbers are masked unless they are to be revealed; texts are in none of it.
 */
import { OperatorError } from '../../core/base/errors.ts';
import { ownVersion } from '../../shell/version.ts';
import { plainPainter } from '../colour.ts';
import { loadConfigFile } from '../config-file.ts';
import { type Privacy, showNumber } from '../mask.ts';
import { roleReport } from '../status/role-report.ts';
import { doctorDocument, type Examination } from './examine.ts';

export async function bundledReport(
  examination: Examination,
  configs: readonly string[],
  privacy: Privacy,
): Promise<object> {
  const { node, v8, modules } = process.versions;
  return {
    schema: 'doctor.report/1',
    at: new Date().toISOString(),
    versions: { ringbridge: ownVersion(), node, v8, modules, platform: process.platform, arch: process.arch },
    doctor: doctorDocument(examination),
    configs: await Promise.all(configs.map((path) => configOf(path, privacy))),
    roles: examination.asked.map((role) => roleReport(role, plainPainter, 120).document),
  };
}

/** Secrets are in files of their own, which are named here and not read; comments stay behind. */
async function configOf(path: string, privacy: Privacy): Promise<object> {
  try {
    const { values } = await loadConfigFile(path);
    return { path, values: masked(values, privacy) };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { path, problem: error.message };
  }
}

/** Whatever looks like a number of somebody, wherever it stands. */
const numberLike = /\+?\d{7,}/g;

function masked(value: unknown, privacy: Privacy): unknown {
  if (typeof value === 'string') return value.replace(numberLike, (number) => showNumber(number, privacy));
  if (Array.isArray(value)) return value.map((each: unknown) => masked(each, privacy));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]: [string, unknown]) => [key, masked(each, privacy)]),
  );
}
