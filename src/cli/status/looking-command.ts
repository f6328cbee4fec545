/** What the commands that say how something is share: one look or many, on a screen or as JSON lines. */
import { BaseCommand } from '../base-command.ts';
import type { Look } from './look-again.ts';

export abstract class LookingCommand extends BaseCommand {
  protected async show(
    look: () => Promise<Look>,
    { watch, every }: { readonly watch: boolean; readonly every: number },
  ): Promise<void> {
    if (watch) {
      const { lookAgain } = await import('./look-again.ts');
      const form = this.jsonEnabled() || process.stdout.isTTY !== true ? 'jsonl' : 'screen';
      await lookAgain({ look, everyMs: every, form });
      return;
    }
    const { lines, documents } = await look();
    for (const document of documents) this.printResult(document, '');
    this.printLine(lines.join('\n'));
  }
}
