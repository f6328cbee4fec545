/** What the commands that change a user share: who it is, the password, and how the change is told. */
import { Args } from '@oclif/core';
import type { UserChange } from '../../core/im/exchange-io.ts';
import { BaseCommand } from '../base-command.ts';
import { askForName, passwordHash, stateDirFlag } from './user-flags.ts';

export const userArgs = { name: Args.string({ description: 'name of the user' }) };
export const userFlags = { 'state-dir': stateDirFlag };

export abstract class UserCommand extends BaseCommand {
  static override enableJsonFlag = true;

  /** The user's name; asked for on a terminal. */
  protected named(args: { readonly name?: string | undefined }): Promise<string> {
    return this.requireValue(args.name, 'NAME', askForName);
  }

  /** The hash of the password in that file, in the environment, or asked for on a terminal. */
  protected passwordHash(name: string, file: string | undefined): Promise<string> {
    return passwordHash(name, file, {
      require: (ask) => this.requireValue<string>(undefined, '--password-file (or RINGBRIDGE_IM_PASSWORD)', ask),
      warn: (text) => this.printNotice(text),
    });
  }

  /**
   * Carries out what is wanted, one after the other, and tells it as one change.
   *
   * @param told `change` of the document, what else stands in it, and the words for people
   */
  protected async change(
    stateDir: string,
    name: string,
    changes: readonly UserChange[],
    { change, more = {}, words }: { readonly change: string; readonly more?: object; readonly words: string },
  ): Promise<void> {
    const { changeUsers } = await import('./user-changes.ts');
    let where: 'running' | 'stopped' = 'stopped';
    for (const wanted of changes) where = await changeUsers(stateDir, wanted);
    this.printResult({ schema: 'im.user-changed/1', change, name, where, ...more }, words);
  }
}
